// Runs in a hidden frame after Keycloak answered without asking: hands the answer to the page that opened the frame.
parent.postMessage({ kind: 'sign-in', search: location.search }, location.origin)
