SET = 5
