-- Money is a number of the currency's smallest unit. lane_rank orders the
-- deals of a stage; its text sorts by bytes. closed_at is when a deal was won
-- or lost, and NULL while it is open.
CREATE TABLE IF NOT EXISTS deals (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	title VARCHAR(200) NOT NULL,
	pipeline_id BINARY(16) NOT NULL,
	stage_id BINARY(16) NOT NULL,
	status VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	lane_rank VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	amount_minor BIGINT NOT NULL DEFAULT 0,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	close_date DATE NULL,
	owner_id BINARY(16) NULL,
	company_id BINARY(16) NULL,
	primary_person_id BINARY(16) NULL,
	lost_reason VARCHAR(300) NOT NULL DEFAULT '',
	stage_entered_at DATETIME(3) NOT NULL,
	closed_at DATETIME(3) NULL,
	custom JSON NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	deleted_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_lane (workspace_id, pipeline_id, stage_id, lane_rank, id),
	KEY ix_stage (workspace_id, stage_id, lane_rank, id),
	KEY ix_owner (workspace_id, owner_id, status, close_date),
	KEY ix_closed (workspace_id, status, closed_at),
	KEY ix_company (workspace_id, company_id),
	KEY ix_person (workspace_id, primary_person_id),
	KEY ix_updated (workspace_id, updated_at, id),
	KEY ix_close (workspace_id, close_date, id),
	KEY ix_title (workspace_id, title, id),
	CONSTRAINT fk_deals_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
	CONSTRAINT fk_deals_pipeline FOREIGN KEY (workspace_id, pipeline_id) REFERENCES pipelines (workspace_id, id),
	CONSTRAINT fk_deals_stage FOREIGN KEY (workspace_id, stage_id) REFERENCES stages (workspace_id, id),
	CONSTRAINT fk_deals_owner FOREIGN KEY (workspace_id, owner_id) REFERENCES members (workspace_id, user_id),
	CONSTRAINT fk_deals_company FOREIGN KEY (workspace_id, company_id) REFERENCES companies (workspace_id, id),
	CONSTRAINT fk_deals_person FOREIGN KEY (workspace_id, primary_person_id) REFERENCES people (workspace_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS deal_people (
	workspace_id INT UNSIGNED NOT NULL,
	deal_id BINARY(16) NOT NULL,
	person_id BINARY(16) NOT NULL,
	role VARCHAR(60) NOT NULL DEFAULT '',
	position TINYINT UNSIGNED NOT NULL,
	PRIMARY KEY (workspace_id, deal_id, person_id),
	KEY ix_person (workspace_id, person_id),
	CONSTRAINT fk_deal_people_deal FOREIGN KEY (workspace_id, deal_id) REFERENCES deals (workspace_id, id) ON DELETE CASCADE,
	CONSTRAINT fk_deal_people_person FOREIGN KEY (workspace_id, person_id) REFERENCES people (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- One row for each time that a deal enters a stage; seconds_in is how long it
-- had been in the one that it left.
CREATE TABLE IF NOT EXISTS stage_history (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	deal_id BINARY(16) NOT NULL,
	from_stage_id BINARY(16) NULL,
	to_stage_id BINARY(16) NOT NULL,
	moved_at DATETIME(3) NOT NULL,
	moved_by BINARY(16) NOT NULL,
	seconds_in INT UNSIGNED NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, id),
	KEY ix_deal (workspace_id, deal_id, moved_at, id),
	KEY ix_to (workspace_id, to_stage_id, moved_at),
	KEY ix_from (workspace_id, from_stage_id, moved_at),
	CONSTRAINT fk_stage_history_deal FOREIGN KEY (workspace_id, deal_id) REFERENCES deals (workspace_id, id) ON DELETE CASCADE,
	CONSTRAINT fk_stage_history_to FOREIGN KEY (workspace_id, to_stage_id) REFERENCES stages (workspace_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
