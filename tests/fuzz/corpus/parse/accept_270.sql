FORK JOB j AS k FROM 'f.save'
