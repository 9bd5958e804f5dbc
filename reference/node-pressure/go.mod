// Takes away for a while what a node has: processors, memory, room on its disk, descriptors, tracked connections.
module squall.dev/reference/node-pressure

go 1.22
