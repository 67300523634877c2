import process from "node:process";

/**
 * Libraries below libp2p ask the environment, while they are loaded, whether a terminal shows colours. The worker may not
 * read it, and they take no refusal: here it is empty. To be imported before them.
 */
process.env = {};
