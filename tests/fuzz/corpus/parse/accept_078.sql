SELECT late FROM data
