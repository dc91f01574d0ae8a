--[[case
{
 "what": "A signature is checked with a public key",
 "requests": [
  {}
 ]
}
]]
local function bytes(hex) return (hex:gsub("..", function(two) return string.char(tonumber(two, 16)) end)) end
local der = bytes("30820122300d06092a864886f70d01010105000382010f003082010a0282010100bbaa41f7ee5fb3ca0b74b251092237" ..
  "8db3aaab3970f638cabdeec485ddb1e4624088f3d78fae79da77992cd49d8cab0a0a777d7a67b9028f007a436a0bf9dc" ..
  "c465d9dd59acd2463ca1b822acc3e772d030f0b5181bd9a61a1ca5f12da595900361890d7d567114efcc8edcbb832241" ..
  "76c55c8559246b6dce2b6b2a7cb01cbc19d3815482ccb16a9b784f1d1ae0bff60d0ba8ad982ec18438db8a753428849d" ..
  "52af1550246f38dec28895b4ad3127dc82e5482637492ce2681338da8410fb9705bf435ba036cba00bff62ef0ee45bd9" ..
  "82214cff4161d0920aaa76ea319d1a880464ba1fe014c89b0a1f07f3ca6191082615457b058484d4a1e2838ec4bb89f8" ..
  "9b0203010001")
local signature = bytes("5c60aba93be4d537cecf5c31480b781a75e4a41086888e63036f836e5a0162c62e9c53e42a09601652130e30893d1d0b" ..
  "909318e9172d9f9bee87e5dd8b258e256752dcd6965e5eb45951205ebcfbf18dfbe650136031eb3add755bafea1844e5" ..
  "39e3eaa2e9ebd2893241c9046f65232567b759c56f5345799d2d8d446f75e2274a9b199daca528c99285328f8e0a960f" ..
  "acc523554427622abe722b62ac5e1a04c96a92100660ee3a0e17f7522b34c166003170dacecdaeca10bf5ea252d66ca4" ..
  "0a7e6d013a3cc00213abff8318c7c855ea0a2493e9bd728a7c2ea4924c58c79108ebe54cf5921d0299d3cda0ca6e6969" ..
  "1834a049ec93ba1030a7e4e5c8218d27")
function envoy_on_request(handle)
  local key = handle:importPublicKey(der, string.len(der)):get()
  local h = handle:headers()
  local ok = handle:verifySignature("sha256", key, signature, string.len(signature), "signed text", 11)
  h:add("x-good", tostring(ok))
  ok = handle:verifySignature("sha256", key, signature, string.len(signature), "other text.", 11)
  h:add("x-other", tostring(ok))
  ok = handle:verifySignature("sha512", key, signature, string.len(signature), "signed text", 11)
  h:add("x-hash", tostring(ok))
  ok = handle:verifySignature("rot13", key, signature, string.len(signature), "signed text", 11)
  h:add("x-unknown", tostring(ok))
end
