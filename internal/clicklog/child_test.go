package clicklog

func childMain() bool { return false }
