-- Secret links to users' tasks for their calendars; only a link's sum is kept.
CREATE TABLE IF NOT EXISTS calendar_feeds (
	workspace_id INT UNSIGNED NOT NULL,
	user_id BINARY(16) NOT NULL,
	secret_hash BINARY(32) NOT NULL,
	created_at DATETIME(3) NOT NULL,
	PRIMARY KEY (workspace_id, user_id),
	UNIQUE KEY uq_secret (secret_hash),
	CONSTRAINT fk_calendar_feeds_member FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
