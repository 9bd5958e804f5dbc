"""Nova's side of the guests: squall_guests.GuestDriver, on Nova's own fake driver.

A server is written down in a folder of its node, and `guest-host`, a process beside nova-compute, makes true what is written there:
a network namespace, its ports in Open vSwitch, an address by DHCP, and one small process that answers. So a guest goes on when
nova-compute is started again, and ends with its node, whose folder is in memory.
"""
import io
import json
import os

from nova.compute import power_state, task_states
import nova.conf
from nova import exception
from nova.image import glance
from nova.virt import fake, hardware

CONF = nova.conf.CONF
FOLDER = "/run/squall-guests"
# The name of a device has 14 letters, as Neutron's agents know them.
DEVICE_LENGTH = 14
BRIDGE = "br-int"


class GuestDriver(fake.FakeDriver):
    # What a node offers to Placement; nothing is taken from the machine for it.
    vcpus, memory_mb, local_gb = 32, 65536, 400

    def init_host(self, host):
        super().init_host(host)
        os.makedirs(FOLDER, exist_ok=True)
        for name in os.listdir(FOLDER):
            if name.endswith(".json"):
                self._remember(json.load(open(f"{FOLDER}/{name}")))

    def spawn(self, context, instance, image_meta, injected_files, admin_password, allocations, network_info=None,
              block_device_info=None, power_on=True, accel_info=None):
        network_info = network_info or instance.get_network_info()
        waits = [("network-vif-plugged", vif["id"]) for vif in network_info if vif.get("active", True) is False]
        timeout = CONF.vif_plugging_timeout
        if not (power_on and waits and timeout):
            return self._define(instance, network_info, power_on)
        with self.virtapi.wait_for_instance_event(instance, waits, deadline=timeout, error_callback=lambda *_: False):
            self._define(instance, network_info, power_on)

    def destroy(self, context, instance, network_info, block_device_info=None, destroy_disks=True, destroy_secrets=True):
        if os.path.exists(_file(instance.uuid)):
            os.unlink(_file(instance.uuid))
        if instance.uuid in self.instances:
            super().destroy(context, instance, network_info, block_device_info, destroy_disks, destroy_secrets)

    def power_off(self, instance, timeout=0, retry_interval=0):
        super().power_off(instance, timeout, retry_interval)
        self._change(instance.uuid, power="off")

    def power_on(self, context, instance, network_info, block_device_info=None, accel_info=None, share_info=None):
        self._define(instance, network_info, True)

    def reboot(self, context, instance, network_info, reboot_type, block_device_info=None, bad_volumes_callback=None,
               accel_info=None, share_info=None):
        boots = self._read(instance.uuid).get("boots", 0) + 1
        self._define(instance, network_info, True, boots=boots)

    def resume_state_on_host_boot(self, context, instance, network_info, share_info, block_device_info=None):
        self._define(instance, network_info, True)

    def finish_revert_migration(self, context, instance, network_info, migration, block_device_info=None, power_on=True):
        self._define(instance, network_info, power_on)

    def pause(self, instance):
        self._change(instance.uuid, power="paused")

    def unpause(self, instance):
        self._change(instance.uuid, power="on")

    def suspend(self, context, instance):
        self._change(instance.uuid, power="off")

    def resume(self, context, instance, network_info, block_device_info=None, share_info=None):
        self._define(instance, network_info, True)

    def attach_interface(self, context, instance, image_meta, vif):
        super().attach_interface(context, instance, image_meta, vif)
        ports = self._read(instance.uuid).get("ports", [])
        self._change(instance.uuid, ports=[*ports, _port(vif)])

    def detach_interface(self, context, instance, vif):
        self._interfaces.pop(vif["id"], None)
        ports = self._read(instance.uuid).get("ports", [])
        self._change(instance.uuid, ports=[port for port in ports if port["id"] != vif["id"]])

    def get_info(self, instance, use_cache=True):
        if instance.uuid not in self.instances:
            raise exception.InstanceNotFound(instance_id=instance.uuid)
        states = {"on": power_state.RUNNING, "paused": power_state.PAUSED}
        return hardware.InstanceInfo(state=states.get(self._read(instance.uuid).get("power"), power_state.SHUTDOWN))

    def get_console_output(self, context, instance):
        try:
            return open(f"{FOLDER}/{instance.uuid}.log", "rb").read()
        except FileNotFoundError:
            return b""

    def snapshot(self, context, instance, image_id, update_task_state):
        """There is no disk: what is kept is which guest it was."""
        if instance.uuid not in self.instances:
            raise exception.InstanceNotRunning(instance_id=instance.uuid)
        images = glance.API()
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        wanted = images.get(context, image_id)
        metadata = {"status": "active", "name": wanted["name"], "disk_format": "raw", "container_format": "bare", "properties": {}}
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        data = json.dumps({"guest": instance.uuid, "host": instance.host}).encode().ljust(1024, b"\0")
        images.update(context, image_id, metadata, io.BytesIO(data))

    def _define(self, instance, network_info, power_on, boots=0):
        for vif in network_info:
            vif.fixed_ips()
            self._interfaces[vif["id"]] = vif
        flavor = instance.flavor
        guest = {
            "uuid": instance.uuid, "name": instance.name, "hostname": instance.hostname or instance.name, "boots": boots,
            "power": "on" if power_on else "off", "ports": [_port(vif) for vif in network_info],
            "vcpus": flavor.vcpus, "memory_mb": flavor.memory_mb, "root_gb": flavor.root_gb,
        }
        self._write(guest)
        self._remember(guest)

    def _remember(self, guest):
        if guest["uuid"] not in self.instances:
            self.resources.claim(vcpus=guest["vcpus"], mem=guest["memory_mb"], disk=guest["root_gb"])
        state = power_state.RUNNING if guest["power"] == "on" else power_state.SHUTDOWN
        self.instances[guest["uuid"]] = fake.FakeInstance(guest["name"], state, guest["uuid"])

    def _change(self, uuid, **changes):
        if guest := self._read(uuid):
            self._write({**guest, **changes})

    def _read(self, uuid):
        try:
            return json.load(open(_file(uuid)))
        except FileNotFoundError:
            return {}

    def _write(self, guest):
        part = f"{_file(guest['uuid'])}.part"
        with open(part, "w") as file:
            json.dump(guest, file)
        os.rename(part, _file(guest["uuid"]))


def _file(uuid):
    return f"{FOLDER}/{uuid}.json"


def _port(vif):
    return {
        "id": vif["id"], "mac": vif["address"], "device": ("tap" + vif["id"])[:DEVICE_LENGTH],
        "bridge": (vif.get("network") or {}).get("bridge") or BRIDGE,
        "mtu": ((vif.get("network") or {}).get("meta") or {}).get("mtu") or 1400,
    }
