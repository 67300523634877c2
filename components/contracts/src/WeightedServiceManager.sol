// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {BlockHistory} from "./BlockHistory.sol";
import {IWavsServiceHandler} from "./IWavsServiceHandler.sol";
import {IWavsServiceManager} from "./IWavsServiceManager.sol";
import {Owned} from "./Owned.sol";
import {SignatureChecker} from "./SignatureChecker.sol";

/// @title A service manager whose owner names the operators and how much each of them weighs
/// @notice An envelope is valid when operators that together hold at least the quorum's share of the total weight have
/// signed it. Who is an operator, with which key and weight, and what the quorum asks for is read as of the reference
/// block: keys can be rotated and weights changed while results are in flight.
/// @dev Accepts EIP-191 signatures only; services managed here must sign with the `eip191` prefix.
contract WeightedServiceManager is IWavsServiceManager, Owned {
    using BlockHistory for BlockHistory.History;

    /// @notice A signer is no operator's signing key at the reference block. The set may be about to change.
    error SignerNotRegistered();
    error OperatorAlreadyRegistered(address operator);
    error OperatorNotRegistered(address operator);
    /// @notice One key belongs to one operator, or a single signature would count for two.
    error SigningKeyInUse(address signingKey, address operator);
    error ZeroAddress();

    event OperatorRegistered(address indexed operator, address indexed signingKey, uint256 weight);
    event OperatorDeregistered(address indexed operator);
    event SigningKeyUpdated(address indexed operator, address indexed previousKey, address indexed signingKey);
    event OperatorWeightUpdated(address indexed operator, uint256 weight);

    /// @dev Weights have at most 224 bits; 32 more keep `totalWeight * numerator` within 256.
    uint256 private constant MAX_QUORUM_DENOMINATOR = type(uint32).max;

    string private serviceURI;
    /// @dev Present signing key of each registered operator; zero means not registered.
    mapping(address operator => address signingKey) private signingKeys;
    mapping(address signingKey => BlockHistory.History operator) private operatorsBySigningKey;
    mapping(address operator => BlockHistory.History weight) private weights;
    BlockHistory.History private totalWeight;
    /// @dev `numerator << 32 | denominator`, in one history so that the two can never be read from different blocks.
    BlockHistory.History private quorum;

    constructor(uint256 numerator, uint256 denominator) {
        _setQuorumThreshold(numerator, denominator);
    }

    /// @inheritdoc IWavsServiceManager
    function setServiceURI(string calldata _serviceURI) external onlyOwner {
        serviceURI = _serviceURI;
        emit ServiceURIUpdated(_serviceURI);
    }

    /// @notice Sets the share of the total weight that must sign: above zero, at most one.
    function setQuorumThreshold(uint256 numerator, uint256 denominator) external onlyOwner {
        _setQuorumThreshold(numerator, denominator);
    }

    /// @notice Adds an operator that signs with `signingKey` from this block on.
    function registerOperator(address operator, address signingKey, uint256 weight) external onlyOwner {
        if (operator == address(0)) revert ZeroAddress();
        if (signingKeys[operator] != address(0)) revert OperatorAlreadyRegistered(operator);
        _assignSigningKey(operator, signingKey);
        _setWeight(operator, weight);
        emit OperatorRegistered(operator, signingKey, weight);
    }

    /// @notice Removes an operator; its signatures still count for reference blocks before this one.
    function deregisterOperator(address operator) external onlyOwner {
        _releaseSigningKey(operator);
        _setWeight(operator, 0);
        emit OperatorDeregistered(operator);
    }

    /// @notice Rotates an operator's key; the old one still counts for reference blocks before this one.
    function setSigningKey(address operator, address signingKey) external onlyOwner {
        address previousKey = _releaseSigningKey(operator);
        _assignSigningKey(operator, signingKey);
        emit SigningKeyUpdated(operator, previousKey, signingKey);
    }

    /// @notice Changes what an operator's signature weighs from this block on. Zero silences it.
    function setOperatorWeight(address operator, uint256 weight) external onlyOwner {
        if (signingKeys[operator] == address(0)) revert OperatorNotRegistered(operator);
        _setWeight(operator, weight);
        emit OperatorWeightUpdated(operator, weight);
    }

    /// @inheritdoc IWavsServiceManager
    function validate(
        IWavsServiceHandler.Envelope calldata envelope,
        IWavsServiceHandler.SignatureData calldata signatureData
    ) external view {
        address[] calldata signers = signatureData.signers;
        uint32 referenceBlock = signatureData.referenceBlock;
        if (signers.length == 0 || signers.length != signatureData.signatures.length) revert InvalidSignatureLength();
        // The current block may still change the operator set; only an earlier one has a settled state.
        if (referenceBlock >= block.number) revert InvalidSignatureBlock();

        bytes32 hash = SignatureChecker.signedHash(envelope);
        uint256 signerWeight = 0;
        address previous = address(0);
        for (uint256 i = 0; i < signers.length; ++i) {
            if (signers[i] <= previous) revert InvalidSignatureOrder();
            previous = signers[i];
            if (!SignatureChecker.isSignedBy(hash, signatureData.signatures[i], previous)) revert InvalidSignature();
            signerWeight += _signerWeightAt(previous, referenceBlock);
        }
        _requireQuorum(signerWeight, referenceBlock);
    }

    /// @inheritdoc IWavsServiceManager
    function getServiceURI() external view returns (string memory) {
        return serviceURI;
    }

    /// @inheritdoc IWavsServiceManager
    function getOperatorWeight(address operator) external view returns (uint256) {
        return weights[operator].latest();
    }

    /// @inheritdoc IWavsServiceManager
    function getLatestOperatorForSigningKey(address signingKeyAddress) external view returns (address) {
        return address(uint160(operatorsBySigningKey[signingKeyAddress].latest()));
    }

    /// @notice The key an operator signs with at present; zero when it is not registered.
    function getSigningKey(address operator) external view returns (address) {
        return signingKeys[operator];
    }

    /// @notice The present quorum fraction.
    function getQuorumThreshold() external view returns (uint256 numerator, uint256 denominator) {
        return _unpackQuorum(quorum.latest());
    }

    /// @notice The weight that must sign at present.
    function getLastCheckpointThresholdWeight() external view returns (uint256) {
        return _thresholdWeight(totalWeight.latest(), quorum.latest());
    }

    /// @notice The present weight of all operators together.
    function getLastCheckpointTotalWeight() external view returns (uint256) {
        return totalWeight.latest();
    }

    /// @inheritdoc IWavsServiceManager
    function getAllocationManager() external pure returns (address) {
        return address(0);
    }

    /// @inheritdoc IWavsServiceManager
    function getDelegationManager() external pure returns (address) {
        return address(0);
    }

    /// @inheritdoc IWavsServiceManager
    function getStakeRegistry() external pure returns (address) {
        return address(0);
    }

    function _signerWeightAt(address signer, uint32 referenceBlock) private view returns (uint256) {
        address operator = address(uint160(operatorsBySigningKey[signer].atBlock(referenceBlock)));
        if (operator == address(0)) revert SignerNotRegistered();
        return weights[operator].atBlock(referenceBlock);
    }

    function _requireQuorum(uint256 signerWeight, uint32 referenceBlock) private view {
        if (signerWeight == 0) revert InsufficientQuorumZero();
        uint256 total = totalWeight.atBlock(referenceBlock);
        uint256 threshold = _thresholdWeight(total, quorum.atBlock(referenceBlock));
        if (signerWeight < threshold) revert InsufficientQuorum(signerWeight, threshold, total);
    }

    /// @dev Rounds up: two thirds of 100 is 67, for 66 would be less than the owner asked for.
    function _thresholdWeight(uint256 total, uint256 packedQuorum) private pure returns (uint256) {
        (uint256 numerator, uint256 denominator) = _unpackQuorum(packedQuorum);
        return (total * numerator + denominator - 1) / denominator;
    }

    function _unpackQuorum(uint256 packed) private pure returns (uint256 numerator, uint256 denominator) {
        return (packed >> 32, packed & type(uint32).max);
    }

    function _setQuorumThreshold(uint256 numerator, uint256 denominator) private {
        if (numerator == 0 || numerator > denominator || denominator > MAX_QUORUM_DENOMINATOR) {
            revert InvalidQuorumParameters();
        }
        quorum.set((numerator << 32) | denominator);
        emit QuorumThresholdUpdated(numerator, denominator);
    }

    function _setWeight(address operator, uint256 weight) private {
        totalWeight.set(totalWeight.latest() - weights[operator].latest() + weight);
        weights[operator].set(weight);
    }

    function _assignSigningKey(address operator, address signingKey) private {
        if (signingKey == address(0)) revert ZeroAddress();
        address holder = address(uint160(operatorsBySigningKey[signingKey].latest()));
        if (holder != address(0)) revert SigningKeyInUse(signingKey, holder);
        signingKeys[operator] = signingKey;
        operatorsBySigningKey[signingKey].set(uint160(operator));
    }

    function _releaseSigningKey(address operator) private returns (address previousKey) {
        previousKey = signingKeys[operator];
        if (previousKey == address(0)) revert OperatorNotRegistered(operator);
        operatorsBySigningKey[previousKey].set(0);
        delete signingKeys[operator];
    }
}
