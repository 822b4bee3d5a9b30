package ecs

// architecture is this machine's, in AWS's word.
const architecture = "x86_64"
