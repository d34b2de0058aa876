wrk.method = "POST"
wrk.body = string.rep("x", 8192)
