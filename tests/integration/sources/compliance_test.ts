import { openClockRig } from "./clock_rig.ts";
import { testSource } from "./compliance.ts";
import { openFeedRig } from "./feed_rig.ts";
import { openEventRig, openIntervalRig } from "./evm_rig.ts";
import { openJetstreamRig } from "./jetstream_rig.ts";

testSource("contract events", ["connection", "endpoints", "nonsense"], openEventRig);
testSource("block intervals", ["connection", "endpoints"], openIntervalRig);
testSource("cron", [], openClockRig);
testSource("Jetstream", ["connection", "endpoints", "repeats", "nonsense"], openJetstreamRig);
testSource("feeds", [], openFeedRig);
