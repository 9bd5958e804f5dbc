// Holds packets between nodes back for a while.
module squall.dev/reference/link-relay

go 1.22
