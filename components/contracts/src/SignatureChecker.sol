// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWavsServiceHandler} from "./IWavsServiceHandler.sol";

/// @title How operators sign envelopes
library SignatureChecker {
    /// @dev Half the order of secp256k1. Above it lies the mirror image of every signature, which also verifies.
    uint256 private constant HALF_CURVE_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice What operators sign: the EIP-191 message hash of the envelope's ABI encoding.
    function signedHash(IWavsServiceHandler.Envelope calldata envelope) internal pure returns (bytes32) {
        bytes32 digest = keccak256(abi.encode(envelope));
        return keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digest));
    }

    /// @notice Whether `signature` is the one canonical signature form of `signer` over `hash`.
    /// @dev Exactly 65 bytes, low s, v 27 or 28: every other form that `ecrecover` takes is malleable or ambiguous.
    function isSignedBy(bytes32 hash, bytes calldata signature, address signer) internal pure returns (bool) {
        if (signature.length != 65) return false;
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > HALF_CURVE_ORDER) return false;
        if (v != 27 && v != 28) return false;
        // `ecrecover` answers zero when it cannot recover; zero is nobody's address.
        address recovered = ecrecover(hash, v, r, s);
        return recovered != address(0) && recovered == signer;
    }
}
