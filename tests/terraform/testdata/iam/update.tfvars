description = "who starts tasks, and more"
owner       = "crm"
session     = 7200
actions     = ["s3:GetObject", "s3:PutObject"]
audiences   = ["sts.amazonaws.com", "apex"]
members     = ["ada"]
