url         = "mysql://two"
token       = "correct horse"
owner       = "crm"
description = "where the data is now"
