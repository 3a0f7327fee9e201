# The program of Authlib's documentation for its session with requests: prints each step as a line of JSON.
import json
import os
import sys

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "true"
import requests
from authlib.integrations.requests_client import OAuth2Session

issuer = os.environ["ISSUER"]
metadata = requests.get(issuer + "/.well-known/openid-configuration").json()
client = OAuth2Session(
    os.environ["CLIENT_ID"],
    os.environ["CLIENT_SECRET"],
    scope="openid profile email offline_access",
    redirect_uri=os.environ["REDIRECT_URI"],
    code_challenge_method="S256",
)
verifier = "v" * 64
uri, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
print(json.dumps({"open": uri}), flush=True)
callback = sys.stdin.readline().strip()
client.fetch_token(metadata["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier)
before = client.get(metadata["userinfo_endpoint"]).json()
client.refresh_token(metadata["token_endpoint"], client.token["refresh_token"])
after = client.get(metadata["userinfo_endpoint"]).json()
client.revoke_token(metadata["revocation_endpoint"], client.token["access_token"], token_type_hint="access_token")
revoked = requests.get(
    metadata["userinfo_endpoint"], headers={"authorization": "Bearer " + client.token["access_token"]}
).status_code
print(json.dumps({"before": before["sub"], "after": after["email"], "revoked": revoked}), flush=True)
