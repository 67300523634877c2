// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title A contract with one owner
/// @notice Ownership moves in two steps, so that a mistyped address cannot take the contract away from everybody.
abstract contract Owned {
    /// @notice The caller may not do this.
    error NotOwner(address caller);
    /// @notice The caller was not offered the ownership.
    error NotPendingOwner(address caller);

    event OwnershipOffered(address indexed owner, address indexed pendingOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed owner);

    address public owner;
    address public pendingOwner;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor() {
        owner = msg.sender;
        emit OwnershipTransferred(address(0), msg.sender);
    }

    /// @notice Offers the ownership; nothing changes until `acceptOwnership`. Offering it to zero withdraws the offer.
    function offerOwnership(address to) external onlyOwner {
        pendingOwner = to;
        emit OwnershipOffered(owner, to);
    }

    /// @notice Takes an offered ownership.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        delete pendingOwner;
    }
}
