"""Registration against a stand-in of the identity's endpoint and of Azure Resource Manager, on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from anomaly_training.problems import Problem
from anomaly_training.registration import register

METRICS = {
    "model": "autoencoder",
    "window": 16,
    "bytes": 4000,
    "signals": ["flow", "power"],
    "compared": {
        kind: {
            "faultsFound": {"share": share},
            "falseAlerts": {"perMachineMonth": 1.5},
            "verdicts": {"confirmed": 3, "confirmedFound": 2},
        }
        for kind, share in (("single", 0.0), ("linear", 0.3), ("autoencoder", 0.8))
    },
}
SHA256 = "ab" * 32


@pytest.fixture
def azure():
    seen = []

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def answer(self):
            length = int(self.headers.get("content-length") or 0)
            seen.append((self.command, self.path, dict(self.headers), json.loads(self.rfile.read(length) or b"null")))
            self.send_response(Handler.status if self.command == "PUT" else 200)
            self.end_headers()
            self.wfile.write(b'{"access_token": "token-of-the-cluster"}')

        do_GET = do_PUT = answer

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    environment = {
        "AZUREML_ARM_SUBSCRIPTION": "sub",
        "AZUREML_ARM_RESOURCEGROUP": "rg",
        "AZUREML_ARM_WORKSPACE_NAME": "mlw",
        "MSI_ENDPOINT": f"{address}/msi/token",
        "MSI_SECRET": "header-of-the-node",
        "DEFAULT_IDENTITY_CLIENT_ID": "client",
    }
    yield seen, environment, Handler, address
    server.shutdown()


def test_a_model_is_registered_under_its_hash_with_what_a_promotion_decides_by(azure):
    seen, environment, _, address = azure
    assert register("anomaly-detector", SHA256, METRICS, environment, address) == "abababababab"
    (_, token_path, token_headers, _), (method, path, headers, body) = seen
    assert "resource=https%3A%2F%2Fmanagement.azure.com%2F" in token_path and "clientid=client" in token_path
    assert token_headers["Secret"] == "header-of-the-node"
    scope = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/mlw"
    assert (method, path) == ("PUT", f"{scope}/models/anomaly-detector/versions/abababababab?api-version=2025-06-01")
    assert headers["Authorization"] == "Bearer token-of-the-cluster"
    assert body["properties"]["modelUri"] == f"azureml:/{scope}/datastores/ml_models/paths/models/{SHA256}/model.onnx"
    assert body["properties"]["tags"] == {
        "sha256": SHA256,
        "window": "16",
        "bytes": "4000",
        "signals": "flow,power",
        "kind": "autoencoder",
        "faultsFound": "0.8",
        "faultsFoundBySimpler": "0.3",
        "falseAlertsPerMachineMonth": "1.5",
        "confirmedFaults": "2/3",
    }


def test_a_refusal_is_told_without_the_token(azure):
    _, environment, handler, address = azure
    handler.status = 403
    with pytest.raises(Problem) as caught:
        register("anomaly-detector", SHA256, METRICS, environment, address)
    assert caught.value.kind == "registration" and "answered 403" in caught.value.what
    assert "Bearer" not in str(caught.value)


def test_outside_of_azure_ml_it_says_what_is_missing():
    with pytest.raises(Problem, match="AZUREML_ARM_SUBSCRIPTION is not set"):
        register("anomaly-detector", SHA256, METRICS, {})
