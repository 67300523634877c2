// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWavsServiceHandler} from "./IWavsServiceHandler.sol";
import {IWavsServiceManager} from "./IWavsServiceManager.sol";

/// @title A handler that applies each event once
/// @notice Every operator may submit the same result. The first submission counts; the others revert, and so does a
/// replay of old signatures.
abstract contract OnceHandler is IWavsServiceHandler {
    /// @notice A result for this event has been applied before.
    error EventAlreadyHandled(bytes20 eventId);

    /// @notice A result for this event was applied. Operators find the transaction that landed by this log.
    event EventHandled(bytes20 indexed eventId);

    IWavsServiceManager private immutable serviceManager;

    /// @notice Whether a result for this event has been applied.
    mapping(bytes20 eventId => bool isHandled) public handled;

    constructor(IWavsServiceManager _serviceManager) {
        serviceManager = _serviceManager;
    }

    /// @inheritdoc IWavsServiceHandler
    function handleSignedEnvelope(Envelope calldata envelope, SignatureData calldata signatureData) external {
        // The cheap check first: losing the race to another operator must not cost the price of a validation.
        if (handled[envelope.eventId]) revert EventAlreadyHandled(envelope.eventId);
        serviceManager.validate(envelope, signatureData);
        handled[envelope.eventId] = true;
        emit EventHandled(envelope.eventId);
        _apply(envelope, signatureData);
    }

    /// @inheritdoc IWavsServiceHandler
    function getServiceManager() external view returns (address) {
        return address(serviceManager);
    }

    /// @dev Does what the result is for. The envelope is valid and new.
    function _apply(Envelope calldata envelope, SignatureData calldata signatureData) internal virtual;
}
