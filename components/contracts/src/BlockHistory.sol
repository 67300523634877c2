// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title A value and everything it has been, by block
/// @notice Signatures are judged by the operator set of a past block, because the set may change between signing and
/// submission. What a block's value is, is what it was at the end of that block.
library BlockHistory {
    /// @dev One storage slot each.
    struct Checkpoint {
        uint32 fromBlock;
        uint224 value;
    }

    struct History {
        Checkpoint[] checkpoints;
    }

    /// @notice The value does not fit the 224 bits that share a slot with a block number.
    error ValueTooLarge(uint256 value);

    /// @notice Sets the value from the current block on.
    function set(History storage self, uint256 value) internal {
        if (value > type(uint224).max) revert ValueTooLarge(value);
        uint32 current = uint32(block.number);
        uint256 length = self.checkpoints.length;
        // A second change within a block replaces the first, so that `fromBlock` stays strictly ascending.
        if (length > 0 && self.checkpoints[length - 1].fromBlock == current) {
            self.checkpoints[length - 1].value = uint224(value);
        } else {
            self.checkpoints.push(Checkpoint({fromBlock: current, value: uint224(value)}));
        }
    }

    /// @notice The present value; zero if it was never set.
    function latest(History storage self) internal view returns (uint256) {
        uint256 length = self.checkpoints.length;
        return length == 0 ? 0 : self.checkpoints[length - 1].value;
    }

    /// @notice The value at the end of a past block; zero before it was first set.
    function atBlock(History storage self, uint32 blockNumber) internal view returns (uint256) {
        // Finds the first checkpoint after `blockNumber`: everything below `low` is at or before it.
        uint256 low = 0;
        uint256 high = self.checkpoints.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (self.checkpoints[middle].fromBlock > blockNumber) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == 0 ? 0 : self.checkpoints[low - 1].value;
    }
}
