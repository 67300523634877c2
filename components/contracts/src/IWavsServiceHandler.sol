// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title What a contract must offer to receive results from WAVS operators
/// @notice The ABI is fixed by deployed operators and tools; it must not change.
interface IWavsServiceHandler {
    /// @notice One result of a service, as every operator signs it.
    /// @param eventId identifies what triggered the result; equal results of different operators share it
    /// @param ordering reserved for services whose results must be applied in order; zero when unused
    /// @param payload what the service's component answered
    struct Envelope {
        bytes20 eventId;
        bytes12 ordering;
        bytes payload;
    }

    /// @notice The signatures that vouch for an envelope.
    /// @param signers signing keys, strictly ascending, so that none can be counted twice
    /// @param signatures one 65-byte `r || s || v` per signer, in the same order
    /// @param referenceBlock block whose operator set and weights judge the signatures
    struct SignatureData {
        address[] signers;
        bytes[] signatures;
        uint32 referenceBlock;
    }

    /// @notice Receives a signed result; reverts unless the service manager accepts the signatures.
    function handleSignedEnvelope(Envelope calldata envelope, SignatureData calldata signatureData) external;

    /// @notice The manager whose operators this handler trusts.
    function getServiceManager() external view returns (address);
}
