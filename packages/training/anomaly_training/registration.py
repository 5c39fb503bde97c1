"""Registers a model in the Azure ML workspace that a job runs in, as the identity of its cluster.

Azure ML tells a job where it runs (AZUREML_ARM_*) and where tokens of the cluster's identity are (MSI_ENDPOINT, MSI_SECRET,
DEFAULT_IDENTITY_CLIENT_ID; the 2017-09-01 form that azure-identity uses there). Nothing else is trusted or sent.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

from .problems import Problem

API = "2025-06-01"
MANAGEMENT = "https://management.azure.com"
#: Datastore of the lake's container of models: `datastoreName` in constructs/machine-learning/lake-datastores.ts.
DATASTORE = "ml_models"
TIMEOUT_SECONDS = 60


def register(
    name: str,
    sha256: str,
    metrics: Mapping[str, object],
    environment: Mapping[str, str] = os.environ,
    address: str = MANAGEMENT,
) -> str:
    """Registers `models/<sha256>/model.onnx` under its hash; once, however often it is asked. Returns the version."""
    try:
        subscription, group, workspace = (
            environment[f"AZUREML_ARM_{key}"] for key in ("SUBSCRIPTION", "RESOURCEGROUP", "WORKSPACE_NAME")
        )
        endpoint = environment["MSI_ENDPOINT"]
    except KeyError as error:
        raise Problem(
            "registration", f"{error.args[0]} is not set", "--register works in a job of Azure ML; leave it out elsewhere."
        ) from error
    scope = (
        f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
    )
    version = sha256[:12]
    body = {
        "properties": {
            "modelType": "custom_model",
            "modelUri": f"azureml:/{scope}/datastores/{DATASTORE}/paths/models/{sha256}/model.onnx",
            "tags": _tags(sha256, metrics),
        }
    }
    query = {"api-version": "2017-09-01", "resource": MANAGEMENT + "/"}
    if client := environment.get("DEFAULT_IDENTITY_CLIENT_ID"):
        query["clientid"] = client
    token = _ask(f"{endpoint}?{urllib.parse.urlencode(query)}", {"secret": environment.get("MSI_SECRET", "")})["access_token"]
    url = f"{address}{scope}/models/{urllib.parse.quote(name)}/versions/{version}?api-version={API}"
    _ask(url, {"authorization": f"Bearer {token}", "content-type": "application/json"}, body)
    return version


def _tags(sha256: str, metrics: Mapping[str, object]) -> dict[str, str]:
    """What a promotion decides by, as texts: tags are nothing else."""
    compared = metrics["compared"]
    best = compared[metrics["model"]]
    simpler = [each["faultsFound"]["share"] for kind, each in compared.items() if kind not in (metrics["model"], "detector")]
    by_detector = compared.get("detector")
    return {
        "sha256": sha256,
        "window": str(metrics["window"]),
        "bytes": str(metrics["bytes"]),
        "signals": ",".join(metrics["signals"]),
        "kind": str(metrics["model"]),
        "faultsFound": str(best["faultsFound"]["share"]),
        "faultsFoundBySimpler": str(max(simpler)),
        **({"faultsFoundByDetector": str(by_detector["faultsFound"]["share"])} if by_detector else {}),
        "falseAlertsPerMachineMonth": str(best["falseAlerts"]["perMachineMonth"]),
        "confirmedFaults": f"{best['verdicts']['confirmedFound']}/{best['verdicts']['confirmed']}",
    }


def _ask(url: str, headers: dict[str, str], body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method="GET" if body is None else "PUT")
    what = url.split("?")[0]
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        reason = error.read(500).decode(errors="replace")
        raise Problem("registration", f"{what} answered {error.code}: {reason}", _REMEDY) from error
    except (OSError, ValueError) as error:
        raise Problem("registration", f"{what}: {error}", _REMEDY) from error


_REMEDY = (
    "See whether the cluster's identity has the role AzureML Data Scientist on the workspace; the model's files are written."
)
