-- A password from before there were versions (0019) had none, and neither has one that is
-- gone: what was begun under the first could not be told from what was begun under none.
update passwords set version = 'password_of_' || user_id where version is null;
