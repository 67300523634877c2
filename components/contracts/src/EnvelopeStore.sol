// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWavsServiceManager} from "./IWavsServiceManager.sol";
import {OnceHandler} from "./OnceHandler.sol";

/// @title Stores payloads by the event they answer
/// @notice For components that answer with bare bytes: the payload is kept as it came and never decoded.
contract EnvelopeStore is OnceHandler {
    /// @notice A result was stored.
    event EnvelopeHandled(bytes payload, address[] signers);

    mapping(bytes20 eventId => bytes payload) private payloads;

    constructor(IWavsServiceManager serviceManager) OnceHandler(serviceManager) {}

    /// @notice The payload stored for an event; empty if there is none, or if it was empty: ask `handled`.
    function getPayload(bytes20 eventId) external view returns (bytes memory) {
        return payloads[eventId];
    }

    function _apply(Envelope calldata envelope, SignatureData calldata signatureData) internal override {
        payloads[envelope.eventId] = envelope.payload;
        emit EnvelopeHandled(envelope.payload, signatureData.signers);
    }
}
