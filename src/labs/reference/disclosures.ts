/** What is not real in the reference lab. */
export const DISCLOSURES: readonly string[] = [
  'The nodes are containers of one host and not machines: they share its kernel, its clock, its processors and its disk.',
  'Power-off kills all processes of a node at once, but what they wrote is kept by the kernel of the host: nothing unwritten is lost.',
  'A node that is frozen is not scheduled; its network still takes packets in until its buffers are full.',
  'The links between nodes are one bridge of the host, without a switch, a cable or a distance; a limit drops what is over it instead of queueing it, and after a rest lets through at once what it allows in a second, and 128 kB.',
  'A delay is held by a program on the node that sends, which takes about 0.1 ms for itself each way and carries some ten thousand packets a second; what comes from outside of the lab is not held back, but its answers are, by twice as much.',
  'What pressure takes from one node is missing to all of them: they have no processors and no memory of their own. The volume of a node may grow by 4 GiB beyond what it was made from; who writes more is told of a quota and not of a full disk, and `df` shows the disk of all.',
  'The disk of all nodes is one file that is not flushed to the device of the host, so etcd writes faster than on a disk of its own.',
  'Nothing outside of the lab can be reached from it; images are built into its nodes.',
];

/** What is not real in the cloud that the reference lab carries. */
export const CLOUD_DISCLOSURES: readonly string[] = [
  'Servers are network namespaces with one process that takes an address by DHCP and answers ping and HTTP: no hypervisor, no disk, no kernel of their own; a snapshot keeps a name and no data.',
  'Open vSwitch switches in user space, and the cards of compute nodes for tunnels and for the outside are VXLAN devices of the kernel over the one card that a node has.',
  'One folder of this host stands for the file server that replicas of Glance share and that holds volumes of Cinder; its NFS driver is real, but nothing is exported, and a volume that is attached is not seen by its server.',
  'The database brings what it acknowledged to the disk each second and not at each commit; three members hold it.',
  'What comes from other nodes reaches the pods of the cloud by an address of the host, so client addresses in its logs are not those of the clients.',
];
