// A small program for tests of a cluster: it serves, echoes, waits, turns unready and ends on demand.
module squall.dev/reference/images/test-app

go 1.22
