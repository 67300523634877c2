// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Many logs in one transaction, to see what a watcher does when a block is full of them
contract LogSpam {
    event Spam(uint256 indexed id);

    /// @notice Emits `Spam` for `count` ids from `start` on.
    function emitSpam(uint256 start, uint256 count) external {
        for (uint256 id = start; id < start + count; ++id) {
            emit Spam(id);
        }
    }
}
