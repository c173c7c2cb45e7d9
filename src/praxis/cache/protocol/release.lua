-- Let those go on who wait for an entry that does not come.
--
-- KEYS: the entry.
-- ARGV: a fresh stamp; the lease; milliseconds for which nobody is to wait again, or 0.
-- Answers 1, or 0 where the lease had ended.
return release(KEYS[1], ARGV[2], tonumber(ARGV[3]))
