-- one

/* two */ select a -- of a
 , b /* in
lines */ , -- above c
 -- more
 c from t -- end
 ; -- behind
;; /* last */
