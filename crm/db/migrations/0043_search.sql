-- An inverted index of our own: MySQL's full text knows no tenants, skips words
-- such as "will" and "com", and does not find "HP". A search for the beginning
-- of a word is one range of search_words' key.
CREATE TABLE IF NOT EXISTS search_docs (
	workspace_id INT UNSIGNED NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	target_id BINARY(16) NOT NULL,
	title VARCHAR(300) NOT NULL,
	sub VARCHAR(300) NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, kind, target_id),
	CONSTRAINT fk_search_docs_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS search_words (
	workspace_id INT UNSIGNED NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	word VARCHAR(64) NOT NULL,
	target_id BINARY(16) NOT NULL,
	weight TINYINT UNSIGNED NOT NULL,
	PRIMARY KEY (workspace_id, kind, word, target_id),
	KEY ix_target (workspace_id, kind, target_id, word),
	CONSTRAINT fk_search_words_doc FOREIGN KEY (workspace_id, kind, target_id) REFERENCES search_docs (workspace_id, kind, target_id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
