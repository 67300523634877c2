// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWavsServiceManager} from "./IWavsServiceManager.sol";
import {OnceHandler} from "./OnceHandler.sol";

/// @title Stores answers by the trigger they answer
/// @notice For components that wrap their answer as `DataWithId`, the counterpart of `SimpleTrigger`. Payloads of any
/// other shape revert; `EnvelopeStore` takes those.
contract SimpleSubmit is OnceHandler {
    /// @param triggerId what `SimpleTrigger` numbered the question
    /// @param data the answer
    struct DataWithId {
        uint64 triggerId;
        bytes data;
    }

    struct SignedData {
        bytes data;
        SignatureData signatureData;
        Envelope envelope;
    }

    /// @notice An answer to the trigger was stored. A later answer to the same trigger replaces it.
    event DataSubmitted(uint64 indexed triggerId, bytes data);

    /// @notice Whether the trigger has been answered.
    mapping(uint64 triggerId => bool isValid) public validTriggers;
    mapping(uint64 triggerId => SignedData signedData) public signedDatas;

    constructor(IWavsServiceManager serviceManager) OnceHandler(serviceManager) {}

    /// @notice Whether the trigger has been answered.
    function isValidTriggerId(uint64 triggerId) external view returns (bool) {
        return validTriggers[triggerId];
    }

    /// @notice The latest answer with the envelope and the signatures that brought it; empty if there is none.
    function getSignedData(uint64 triggerId) external view returns (SignedData memory) {
        return signedDatas[triggerId];
    }

    /// @notice The latest answer alone; empty if there is none.
    function getDataWithId(uint64 triggerId) external view returns (DataWithId memory) {
        return DataWithId({triggerId: triggerId, data: signedDatas[triggerId].data});
    }

    function _apply(Envelope calldata envelope, SignatureData calldata signatureData) internal override {
        DataWithId memory answer = abi.decode(envelope.payload, (DataWithId));
        validTriggers[answer.triggerId] = true;
        signedDatas[answer.triggerId] =
            SignedData({data: answer.data, signatureData: signatureData, envelope: envelope});
        emit DataSubmitted(answer.triggerId, answer.data);
    }
}
