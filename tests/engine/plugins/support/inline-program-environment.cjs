/**
 * Jest's environment for inline programs that the engine stops.
 *
 * When a resource fails, the engine closes its side while the SDK (3.248) still waits for an
 * answer about the stack's outputs. The SDK leaves that rejection unhandled, and Jest takes it for
 * a failure of the test although the Automation API has reported the run's failure in order.
 */
const TestEnvironment = require("../../../support/worker-environment.cjs");

const HARMLESS = /Resource monitor is terminating|Premature close|UNAVAILABLE: No connection/;

/** Jest has errors with a second one that tells where they were noticed. */
function isHarmless(entry) {
    const error = Array.isArray(entry) ? entry[0] : entry;
    return HARMLESS.test(String(error?.message ?? error));
}

module.exports = class extends TestEnvironment {
    handleTestEvent(event, state) {
        if (event.name === "error" && isHarmless(event.error)) {
            const { errors } = state.currentlyRunningTest ?? { errors: state.unhandledErrors };
            const index = errors.findLastIndex(isHarmless);
            if (index >= 0) errors.splice(index, 1);
        }
    }
};
