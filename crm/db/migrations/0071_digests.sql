-- Who was told what happened in which week: a row is made in the transaction
-- that tells it, so nobody is told twice.
CREATE TABLE IF NOT EXISTS digests (
	workspace_id INT UNSIGNED NOT NULL,
	user_id BINARY(16) NOT NULL,
	week CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(3) NOT NULL,
	PRIMARY KEY (workspace_id, user_id, week),
	CONSTRAINT fk_digests_member FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
