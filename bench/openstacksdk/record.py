"""Records what the real openstacksdk makes of clouds.yaml files and OS_* variables.

    python3 -m venv V && V/bin/pip install openstacksdk
    V/bin/python bench/openstacksdk/record.py > test/adapters/openstack/openstacksdk-table.json

Each row holds a case and what openstacksdk found: the cloud, its settings, the request that it sent to a Keystone on
loopback, and the endpoints that it took out of that Keystone's catalogue. `npm test` compares Squall with the rows and
needs neither Python nor a network. The cases are those of cases.yaml, and as many made at random from one seed.
"""

import contextlib
import http.server
import importlib.metadata
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import warnings

import keystoneauth1.session
import yaml

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent
PLACEHOLDER = "http://keystone.example"
SERVICES = ["identity", "compute", "network", "image", "block-storage", "placement", "orchestration"]
SETTINGS = ["endpoint_override", "default_microversion", "interface", "region_name"]
RANDOM_ROWS = 220
SEED = 7


class Keystone(http.server.BaseHTTPRequestHandler):
    """Says yes to everything, and keeps what it was asked."""

    bodies: list = []
    catalogue: list = []

    def log_message(self, *_):
        pass

    def _answer(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        root = f"http://{self.headers['Host']}"
        version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": f"{root}/v3/"}]}
        one = self.path.startswith("/v3")
        self._answer(200 if one else 300, {"version": version} if one else {"versions": {"values": [version]}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.bodies.append(body)
        token = {
            "methods": ["password"],
            "user": {"id": "u", "name": "u", "domain": {"id": "default", "name": "Default"}},
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2036-01-01T00:00:00.000000Z",
            "project": {"id": "p", "name": "p", "domain": {"id": "default", "name": "Default"}},
            "roles": [],
            "catalog": self.catalogue,
        }
        self._answer(201, {"token": token}, X_Subject_Token="token")


def catalogue_of(types):
    """A service of each type, with every interface in two regions."""

    def ends(kind):
        for region in ("RegionOne", "RegionTwo"):
            for interface in ("public", "internal", "admin"):
                url = f"http://{kind}.{interface}.{region}.example"
                yield {"id": url, "interface": interface, "region": region, "region_id": region, "url": url}

    return [{"id": kind, "type": kind, "name": kind, "endpoints": list(ends(kind))} for kind in types]


@contextlib.contextmanager
def only(environment):
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("OS_")]:
        del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def found_by_sdk(case, url, folder):
    from openstack.config import loader

    text = json.dumps(case).replace(PLACEHOLDER, url)
    filled = json.loads(text)
    paths = {}
    for name in ("clouds", "secure", "public"):
        path = os.path.join(folder, f"{name}.yaml")
        paths[name] = [path]
        if name in filled:
            with open(path, "w") as file:
                yaml.safe_dump(filled[name], file, sort_keys=False)
        elif os.path.exists(path):
            os.unlink(path)
    Keystone.bodies.clear()
    Keystone.catalogue = catalogue_of(case.get("catalogue", ["identity", "compute", "network", "volumev3"]))
    environment = filled.get("environment", {})
    with only(environment):
        config = loader.OpenStackConfig(
            config_files=paths["clouds"], secure_files=paths["secure"], vendor_files=paths["public"]
        )
        # Every client built on it hands the selector OS_REGION_NAME in, as its own argument parser does.
        region = config.get_one(cloud=filled.get("cloud"), region_name=os.environ.get("OS_REGION_NAME", ""))
        verify, cert = region.get_requests_verify_args()
        found = {
            "cloud": region.name,
            "auth_type": region.config["auth_type"],
            "region": region.get_region_name() or None,
            "interface": region.get_interface(),
            "verify": verify,
            "cert": cert,
            "api_timeout": region.config.get("api_timeout"),
            "services": {},
            "endpoints": {},
        }
        for kind in SERVICES:
            for setting in SETTINGS:
                read = {
                    "endpoint_override": region.get_endpoint,
                    "default_microversion": region.get_default_microversion,
                    "interface": region.get_interface,
                    "region_name": region.get_region_name,
                }[setting]
                value = read(kind)
                standard = {"interface": region.get_interface(), "region_name": region.get_region_name()}.get(setting)
                skip = kind == "identity" and setting == "endpoint_override"
                if value != standard and not skip:
                    found["services"].setdefault(kind, {})[setting] = value
        # A session of its own: the one that is made from the settings wants their TLS files to be there.
        session = keystoneauth1.session.Session(auth=region._auth)
        session.get_token()
        found["request"] = Keystone.bodies[-1]
        for kind in SERVICES:
            catalogue = session.auth.get_access(session).service_catalog
            endpoint = catalogue.get_endpoints_data(
                service_type=region.get_service_type(kind),
                service_name=region.get_service_name(kind),
                interface=region.get_interface(kind),
                region_name=region.get_region_name(kind),
            )
            first = next((each.url for listed in endpoint.values() for each in listed), None)
            if first is not None:
                found["endpoints"][kind] = first
    return json.loads(json.dumps(found).replace(url, PLACEHOLDER).replace(folder, "/home"))


def random_cases():
    chance = random.Random(SEED)
    auth_pool = {
        "username": ["u", "other"], "password": ["pw"], "user_id": ["uid"], "user-domain-name": ["UD"],
        "user_domain_id": ["ud"], "project_name": ["p"], "project-id": ["pid"], "tenant_name": ["t"],
        "tenant_id": ["tid"], "project_domain_name": ["PD"], "project_domain_id": ["pd"], "domain_id": ["d"],
        "domain_name": ["D"], "default_domain_id": ["dd"], "default_domain_name": ["DD"], "token": ["tok"],
        "user_name": ["old"],
    }
    top_pool = {
        "region_name": ["RegionOne", "RegionTwo", "RegionOne,RegionTwo"], "region-name": ["RegionTwo"],
        "interface": ["internal", "admin", "publicURL"], "endpoint_type": ["internalURL", "admin"],
        "regions": [["RegionOne", "RegionTwo"], [{"name": "RegionTwo", "values": {"interface": "admin"}}]],
        "verify": [False, True], "insecure": [True, "true", "yes"], "cacert": ["/ca.pem"],
        "auth_type": ["password", "v3password", "token", "v3token"], "auth_plugin": ["token"],
        "api_timeout": [7], "compute_timeout": [9], "compute_api_version": ["2.1"],
        "compute_endpoint_override": ["http://over.example/v2.1"], "volume_endpoint_override": ["http://vol.example"],
        "block-storage-default-microversion": ["3.60"], "compute_default_microversion": [2.79],
        "volumev3_interface": ["internal"], "compute_region_name": ["RegionTwo"], "volume_service_type": ["volumev2"], "compute_service_name": ["compute", "other"], "cert": ["/c.pem"], "key": ["/k.pem"],
    }
    env_pool = {
        "OS_USERNAME": ["env-u"], "OS_PASSWORD": ["env-pw"], "OS_PROJECT_NAME": ["env-p"], "OS_TENANT_NAME": ["env-t"],
        "OS_USER_DOMAIN_NAME": ["env-UD"], "OS_PROJECT_DOMAIN_ID": ["env-pd"], "OS_DOMAIN_NAME": ["env-D"],
        "OS_REGION_NAME": ["RegionOne", "RegionTwo"], "OS_INTERFACE": ["admin"], "OS_ENDPOINT_TYPE": ["internalURL"],
        "OS_CLOUD": ["a", "b"], "OS_CLOUD_NAME": ["mine"], "OS_AUTH_TYPE": ["v3password", "v3token"], "OS_TOKEN": ["env-tok"],
        "OS_INSECURE": ["true", "1"], "OS_CACERT": ["/env-ca.pem"], "OS_TEST_X": ["1"], "OS_LOG_X": ["1"], "OS_USER_ID": [""],
    }

    def some(pool, most):
        names = chance.sample(sorted(pool), chance.randint(0, most))
        return {name: chance.choice(pool[name]) for name in names}

    def cloud():
        auth = {"auth_url": f"{PLACEHOLDER}/v3", **some(auth_pool, 7)}
        if chance.random() < 0.8:
            auth.update({"username": "u", "password": "pw"})
        top = some(top_pool, 5)
        if chance.random() < 0.3:
            top.update(some(auth_pool, 2))
        return {"auth": auth, **top}

    for number in range(RANDOM_ROWS):
        case = {"title": f"at random {number}", "clouds": {"clouds": {"a": cloud()}}}
        if chance.random() < 0.3:
            case["clouds"]["clouds"]["b"] = cloud()
        if chance.random() < 0.2:
            case["secure"] = {"clouds": {"a": {"auth": some(auth_pool, 2)}}}
        if chance.random() < 0.3:
            case["public"] = {"public-clouds": {"v": {"auth": some(auth_pool, 2), **some(top_pool, 3)}}}
            case["clouds"]["clouds"]["a"][chance.choice(["profile", "cloud"])] = "v"
        environment = some(env_pool, 4) if chance.random() < 0.4 else {}
        if environment and chance.random() < 0.5:
            environment.update({"OS_AUTH_URL": f"{PLACEHOLDER}/v3", "OS_USERNAME": "env-u", "OS_PASSWORD": "env-pw"})
        if environment:
            case["environment"] = environment
        if chance.random() < 0.5:
            case["cloud"] = chance.choice(sorted(case["clouds"]["clouds"]))
        yield case


SEARCHES = [
    {"HOME": "/h"},
    {"HOME": "/h", "XDG_CONFIG_HOME": "/x"},
    {"HOME": "/h", "XDG_CONFIG_HOME": ""},
    {"HOME": "/h", "XDG_CONFIG_DIRS": "/site"},
    {"HOME": "/h", "SNAP_REAL_HOME": "/real"},
]


def searched(environment):
    """Where files are looked for is settled when the library is loaded."""
    code = "import json; from openstack.config import loader as l; print(json.dumps([l.CONFIG_FILES, l.SECURE_FILES, l.VENDOR_FILES]))"
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, cwd=folder, check=True, capture_output=True, text=True)
        clouds, secure, public = json.loads(said.stdout.replace(os.path.realpath(folder), "/here"))
    return {"environment": environment, "clouds": clouds, "secure": secure, "public": public}


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keystone)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    rows = []
    cases = [*yaml.safe_load((HERE / "cases.yaml").read_text()), *random_cases()]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        for case in cases:
            try:
                found = found_by_sdk(case, url, folder)
                user = found["request"]["auth"]["identity"].get("password", {}).get("user", {"id": ""})
                if "id" not in user and "name" not in user:
                    raise TypeError  # it asks for nobody, and would be told so
                rows.append({**case, "found": found})
            except TypeError:
                # A field that the plugin does not know is a mistake of Python's there, and no answer.
                print(f"left out: {case['title']}", file=sys.stderr)
            except Exception as error:  # whatever it refuses with, that it refuses is the answer
                rows.append({**case, "refused": f"{type(error).__name__}: {error}".replace(url, PLACEHOLDER).replace(folder, "/home")})
    server.shutdown()
    versions = {name: importlib.metadata.version(name) for name in ("openstacksdk", "keystoneauth1", "os-service-types")}
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    searches = ",\n".join("  " + json.dumps(searched(environment)) for environment in SEARCHES)
    print(f'{{"recorded": {json.dumps(versions)},\n"searches": [\n{searches}\n],\n"rows": [\n{lines}\n]}}')


main()
