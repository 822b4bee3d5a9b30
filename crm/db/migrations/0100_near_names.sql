-- Names that differ by a letter or two are looked for among those that begin,
-- or end, with the same letters, at one company or at one domain of mail.
-- Letters are equal as the columns' collation has it.
ALTER TABLE people
	ADD COLUMN mail_domain VARCHAR(253) COLLATE utf8mb4_bin NULL,
	ADD COLUMN initials VARCHAR(2) AS (IF(first_name = '' OR last_name = '', NULL,
		CONCAT(LEAST(LEFT(first_name, 1), LEFT(last_name, 1)), GREATEST(LEFT(first_name, 1), LEFT(last_name, 1))))) STORED,
	ADD COLUMN finals VARCHAR(2) AS (IF(first_name = '' OR last_name = '', NULL,
		CONCAT(LEAST(RIGHT(first_name, 1), RIGHT(last_name, 1)), GREATEST(RIGHT(first_name, 1), RIGHT(last_name, 1))))) STORED,
	ADD KEY ix_near_staff (workspace_id, company_id, initials),
	ADD KEY ix_near_staff_finals (workspace_id, company_id, finals),
	ADD KEY ix_near_mail (workspace_id, mail_domain, initials),
	ADD KEY ix_near_mail_finals (workspace_id, mail_domain, finals)
-- next
UPDATE people p JOIN person_emails e ON e.workspace_id = p.workspace_id AND e.person_id = p.id AND e.position = 0
	SET p.mail_domain = SUBSTRING_INDEX(e.value_norm, '@', -1)
	WHERE p.workspace_id > 0
-- next
-- Of a company the last word is often its form (Ltd, GmbH), which says little:
-- its end is taken from the word before too.
ALTER TABLE companies
	ADD COLUMN head VARCHAR(5) AS (LEFT(REPLACE(name, ' ', ''), 5)) STORED,
	ADD COLUMN tail VARCHAR(6) AS (CONCAT(RIGHT(SUBSTRING_INDEX(name, ' ', 1), 3), RIGHT(SUBSTRING_INDEX(SUBSTRING_INDEX(name, ' ', 2), ' ', -1), 3))) STORED,
	ADD COLUMN ends VARCHAR(8) AS (CONCAT(LEAST(LEFT(SUBSTRING_INDEX(name, ' ', 1), 4), LEFT(SUBSTRING_INDEX(SUBSTRING_INDEX(name, ' ', 2), ' ', -1), 4)),
		GREATEST(LEFT(SUBSTRING_INDEX(name, ' ', 1), 4), LEFT(SUBSTRING_INDEX(SUBSTRING_INDEX(name, ' ', 2), ' ', -1), 4)))) STORED,
	ADD KEY ix_near_head (workspace_id, head),
	ADD KEY ix_near_tail (workspace_id, tail),
	ADD KEY ix_near_ends (workspace_id, ends)
