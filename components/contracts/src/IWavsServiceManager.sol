// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWavsServiceHandler} from "./IWavsServiceHandler.sol";

/// @title What a contract must offer to say who operates a WAVS service
/// @notice The ABI is fixed by deployed operators and tools; it must not change.
interface IWavsServiceManager {
    /// @notice The arrays of signers and signatures are empty or differ in length.
    error InvalidSignatureLength();
    /// @notice The reference block is not yet final for this call: it must lie before the current block.
    error InvalidSignatureBlock();
    /// @notice The signers are not strictly ascending.
    error InvalidSignatureOrder();
    /// @notice A signature is malformed or was not made by the signer it is listed for.
    error InvalidSignature();
    /// @notice All signatures are good, but together they weigh nothing.
    error InsufficientQuorumZero();
    /// @notice All signatures are good, but they weigh less than the quorum asks for. More signatures may help.
    error InsufficientQuorum(uint256 signerWeight, uint256 thresholdWeight, uint256 totalWeight);
    /// @notice A quorum must be a fraction above zero and at most one.
    error InvalidQuorumParameters();

    /// @notice The service definition moved; operators fetch it from the new place.
    event ServiceURIUpdated(string serviceURI);
    /// @notice The share of the total weight that must sign has changed.
    event QuorumThresholdUpdated(uint256 indexed numerator, uint256 indexed denominator);

    /// @notice The present weight of an operator; zero when it is not registered.
    function getOperatorWeight(address operator) external view returns (uint256);

    /// @notice Returns if the signatures reach the quorum, reverts with the reason if they do not.
    function validate(
        IWavsServiceHandler.Envelope calldata envelope,
        IWavsServiceHandler.SignatureData calldata signatureData
    ) external view;

    /// @notice Where operators find the service definition.
    function getServiceURI() external view returns (string memory);

    /// @notice Moves the service definition.
    function setServiceURI(string calldata _serviceURI) external;

    /// @notice The operator that signs with this key at present; zero if there is none.
    function getLatestOperatorForSigningKey(address signingKeyAddress) external view returns (address);

    /// @notice EigenLayer's allocation manager; zero where the service does not restake.
    function getAllocationManager() external view returns (address);

    /// @notice EigenLayer's delegation manager; zero where the service does not restake.
    function getDelegationManager() external view returns (address);

    /// @notice The stake registry; zero where weights are not derived from stake.
    function getStakeRegistry() external view returns (address);
}
