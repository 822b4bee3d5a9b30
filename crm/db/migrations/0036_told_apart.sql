-- Two records that look the same and are not, as somebody has said; a_id is the
-- smaller of the two.
CREATE TABLE IF NOT EXISTS told_apart (
	workspace_id INT UNSIGNED NOT NULL,
	a_id BINARY(16) NOT NULL,
	b_id BINARY(16) NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	PRIMARY KEY (workspace_id, a_id, b_id),
	KEY ix_b (workspace_id, b_id),
	CONSTRAINT fk_told_apart_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
