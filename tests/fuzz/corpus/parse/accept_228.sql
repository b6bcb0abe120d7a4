CREATE SECRET n (value = 'x')
