// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Asks a service something
/// @notice Each call logs a numbered question; the answer comes back through a handler under the same number.
contract SimpleTrigger {
    struct Trigger {
        address creator;
        bytes data;
    }

    /// @param triggerId number of the question, from 1
    /// @param creator who asked
    /// @param data the question
    struct TriggerInfo {
        uint64 triggerId;
        address creator;
        bytes data;
    }

    /// @notice A question was asked.
    /// @param triggerData the ABI encoding of a `TriggerInfo`, in bytes of its own so that one event fits every service
    event NewTrigger(bytes triggerData);

    /// @notice The number the next question gets.
    uint64 public nextTriggerId = 1;
    mapping(uint64 triggerId => Trigger trigger) public triggersById;
    mapping(address creator => uint64[] triggerIds) public triggerIdsByCreator;

    /// @notice Asks.
    function addTrigger(bytes calldata data) external {
        uint64 triggerId = nextTriggerId++;
        triggersById[triggerId] = Trigger({creator: msg.sender, data: data});
        triggerIdsByCreator[msg.sender].push(triggerId);
        TriggerInfo memory info = TriggerInfo({triggerId: triggerId, creator: msg.sender, data: data});
        emit NewTrigger(abi.encode(info));
    }

    /// @notice The question with this number; its creator is zero if there is none.
    function getTrigger(uint64 triggerId) external view returns (TriggerInfo memory) {
        Trigger storage trigger = triggersById[triggerId];
        return TriggerInfo({triggerId: triggerId, creator: trigger.creator, data: trigger.data});
    }
}
