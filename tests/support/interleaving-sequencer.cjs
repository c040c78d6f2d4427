const { default: Sequencer } = require("@jest/test-sequencer");

const nameOf = ({ context }) => context.config.displayName?.name;

/**
 * Orders test files so that two workers have something to do: e2e tests, which run one at a time, begin at
 * once, and everything else stands between them.
 */
module.exports = class InterleavingSequencer extends Sequencer {
    sort(tests) {
        const sorted = super.sort(tests);
        const take = (...names) => sorted.filter((test) => names.includes(nameOf(test)));
        const alone = take("e2e");
        const quick = take("unit", "component");
        const engine = take("engine");
        const pairs = Array.from({ length: Math.max(alone.length, engine.length) }, (_, index) => [
            ...engine.slice(index, index + 1),
            ...alone.slice(index + 1, index + 2),
        ]);
        return [...alone.slice(0, 1), ...quick, ...pairs.flat()];
    }
};
