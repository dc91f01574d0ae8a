internal import CLua
internal import COpenSSL
internal import CRE2
internal import Primitives

// Digests, signatures and expressions, for CLua. Nothing here knows a stream.
//
// What fails in OpenSSL stands in a queue that the worker's connections share, so nothing is left there.

extension LuaCallbacks {
    /// The most memory of an expression: what CLua counts for each.
    private static let regexMemory: Int64 = 128 << 10

    static let digest:
        @convention(c) (
            postern_lua_text, UnsafePointer<postern_lua_text>?, postern_lua_text, UnsafeMutablePointer<UInt8>
        ) -> Int = { algorithm, key, data, out in
            defer { ERR_clear_error() }
            guard let type = LuaCallbacks.algorithm(algorithm) else { return 0 }
            guard let key = key?.pointee else {
                var length: UInt32 = 0
                // SAFETY: `out` has the 64 bytes of the longest digest.
                let isDone = EVP_Digest(data.start, data.length, out, &length, type, nil)
                return isDone == 1 ? Int(length) : 0
            }
            return LuaCallbacks.authenticationCode(type, key, data, out)
        }

    private static func authenticationCode(
        _ type: OpaquePointer, _ key: postern_lua_text, _ data: postern_lua_text,
        _ out: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var length = 0
        // SAFETY: the key's bytes live during the call; `out` has the 64 bytes of the longest code.
        let isMade = EVP_Q_mac(
            nil, "HMAC", nil, EVP_MD_get0_name(type), nil, key.start, key.length,
            data.view.base.assumingMemoryBound(to: UInt8.self), data.length, out, 64, &length
        )
        return isMade == nil ? 0 : length
    }

    private static func algorithm(_ name: postern_lua_text) -> OpaquePointer? {
        switch name.view.string.lowercased() {
        case "sha1": EVP_sha1()
        case "sha224": EVP_sha224()
        case "sha256": EVP_sha256()
        case "sha384": EVP_sha384()
        case "sha512": EVP_sha512()
        case "md5": EVP_md5()
        default: nil
        }
    }

    /// The key of a SubjectPublicKeyInfo in DER; the caller frees it.
    private static func publicKey(_ der: postern_lua_text) -> OpaquePointer? {
        guard der.length > 0, der.length <= 1 << 14 else { return nil }
        // SAFETY: d2i_PUBKEY moves the pointer along, within the bytes that it is given.
        var at: UnsafePointer<UInt8>? = der.view.base.assumingMemoryBound(to: UInt8.self)
        return d2i_PUBKEY(nil, &at, der.length)
    }

    static let isPublicKey: @convention(c) (postern_lua_text) -> Bool = { der in
        let key = LuaCallbacks.publicKey(der)
        defer {
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        return key != nil
    }

    static let verify:
        @convention(c) (
            postern_lua_text, postern_lua_text, postern_lua_text, postern_lua_text
        ) -> postern_lua_verified = { algorithm, der, signature, data in
            defer { ERR_clear_error() }
            guard let type = LuaCallbacks.algorithm(algorithm), algorithm.view.string.lowercased() != "md5"
            else {
                return POSTERN_LUA_UNKNOWN_ALGORITHM
            }
            guard let key = LuaCallbacks.publicKey(der) else { return POSTERN_LUA_BAD_KEY }
            defer { EVP_PKEY_free(key) }
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            // SAFETY: the texts live during the call.
            guard
                EVP_DigestVerifyInit(context, nil, type, nil, key) == 1,
                EVP_DigestVerify(
                    context, signature.view.base.assumingMemoryBound(to: UInt8.self), signature.length,
                    data.view.base.assumingMemoryBound(to: UInt8.self), data.length) == 1
            else { return POSTERN_LUA_MISMATCH }
            return POSTERN_LUA_VERIFIED
        }

    static let regexCompile:
        @convention(c) (postern_lua_text, UnsafeMutablePointer<CChar>, Int) -> UnsafeMutableRawPointer? = {
            pattern, error, capacity in
            let made = postern_pattern_compile_capturing(
                pattern.start, pattern.length, LuaCallbacks.regexMemory, error, capacity)
            return made.map(UnsafeMutableRawPointer.init)
        }

    // SAFETY of the casts below: CLua hands back what `regexCompile` gave, and not after `regexFree`.

    static let regexFree: @convention(c) (UnsafeMutableRawPointer) -> Void = { regex in
        postern_pattern_free(OpaquePointer(regex))
    }

    static let regexFacts:
        @convention(c) (UnsafeRawPointer, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Void =
            {
                regex, instructions, groups in
                instructions.pointee = postern_pattern_program_size(OpaquePointer(regex))
                groups.pointee = postern_pattern_groups(OpaquePointer(regex))
            }

    static let regexFind:
        @convention(c) (UnsafeRawPointer, postern_lua_text, Int, UnsafeMutablePointer<Int64>, Int32) -> Bool =
            {
                regex, text, from, offsets, groups in
                postern_pattern_find(OpaquePointer(regex), text.start, text.length, from, offsets, groups)
            }
}
