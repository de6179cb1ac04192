import Foundation

/// Certificates of an authority of the tests' own, valid from 2026-01-01 to 2026-04-01 unless told otherwise.
///
/// Made with OpenSSL 3.0: root → intermediate → leaf; `small` (RSA 1024), `client` (not for servers), `sha1` and `ed` (Ed25519)
/// are signed by the root, `own` by itself.
enum TestCertificates {
    static let root = der(
        "MIIBVzCB/6ADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCVRlc3QgUm9vdDAeFw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEw"
            + "MDAwMDBaMBQxEjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIqxT9OZS4k7jwBdvgZ7Z3J3S7S8"
            + "Nzg13mjoDMKy1ONZnoNHeyWPUaZDi6+0RhLsyHs9QeD6yGE1pNCdIC7fDuSjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/"
            + "BAQDAgIEMB0GA1UdDgQWBBTYWNrRi0YTDEbKZcGBAV+pGomRlTAKBggqhkjOPQQDAgNHADBEAiBEocZE67xXi44Npq0C6lhIsoxn"
            + "zbJWPIQEdXMJe/iYdAIgYjDkUDSCzFE4qheEGkb8HMI1bWcs1H0HUj4HKYh6V0o=")

    static let inter = der(
        "MIIBdjCCARygAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlUZXN0IFJvb3QwHhcNMjYwMTAxMDAwMDAwWhcNMzAwMTAx"
            + "MDAwMDAwWjAQMQ4wDAYDVQQDDAVpbnRlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKNnYWu83eisRqdMDZCfONRnAOtltg/u"
            + "YscfMMJwLga6Zxxl51kaDKOPosxk6u5qHobApr2o8skKzFqZ8yJQMgCjYzBhMB0GA1UdDgQWBBTZVA16i0hY8Ics4ALe7ApTQT4q"
            + "3DAfBgNVHSMEGDAWgBTYWNrRi0YTDEbKZcGBAV+pGomRlTAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjO"
            + "PQQDAgNIADBFAiEAhHcXfYSx6HWbq1AQYsCTaQqG3X38Y9yfiK/Ll2GpKN0CIFWdgFYjDjSSX3vVXBdxE57+D8by47SWpVzh3Iyw"
            + "7+82")

    static let leaf = der(
        "MIIB2DCCAX+gAwIBAgIBAzAKBggqhkjOPQQDAjAQMQ4wDAYDVQQDDAVpbnRlcjAeFw0yNjAxMDEwMDAwMDBaFw0yNjA0MDEwMDAw"
            + "MDBaMA8xDTALBgNVBAMMBGxlYWYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQGeT0aoePHsjltSQc98rrlyy3qvWN7Y/jxDUWK"
            + "ob0ZCZtiTG7Bg2ye/+dfW8/xUpWTkxMcs9k0rRg+Pd2Qv0hgo4HKMIHHMB0GA1UdDgQWBBQtXjBTPDVzwsr+wmJvwRArnWH5NDAf"
            + "BgNVHSMEGDAWgBTZVA16i0hY8Ics4ALe7ApTQT4q3DAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNVHSUEDDAKBggr"
            + "BgEFBQcDATA/BgNVHREEODA2ggxzaXRlLmV4YW1wbGWCDiouc2l0ZS5leGFtcGxlhwTAAAIBhxAgAQ24AAAAAAAAAAAAAAABMBEG"
            + "CCsGAQUFBwEYBAUwAwIBBTAKBggqhkjOPQQDAgNHADBEAiBSca7s/Zs1lMMMNyENbq/qtK1XGSV99yelRAcvoHPAVwIgQ3DdKF5t"
            + "Kw2RmluNIN5pZl8lhjKLoPpPSc013o8oMUQ=")

    static let small = der(
        "MIIB6zCCAZCgAwIBAgIBBDAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlUZXN0IFJvb3QwHhcNMjYwMTAxMDAwMDAwWhcNMjYwNDAx"
            + "MDAwMDAwWjAQMQ4wDAYDVQQDDAVzbWFsbDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAqPjQ4v5tALaXoQewx1KJ39OF5xgD"
            + "8C2Px9IESBWPxKqFztCkA6R4BYsKBumlXLz1Hy6ityk/1ws/sR6C6Gn65xTPHGPP79EdEjtbyLaX59Qzt2q6x4zGCCJFB1n0ukyF"
            + "AtEh+PFdsct1hGLAuZBj6M1BMS14Xh7EkcuvHcPUI7sCAwEAAaOBjzCBjDAdBgNVHQ4EFgQUwwoV8xoFH+T4M63/y+ff6XK+hUUw"
            + "HwYDVR0jBBgwFoAU2Fja0YtGEwxGymXBgQFfqRqJkZUwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYI"
            + "KwYBBQUHAwEwFwYDVR0RBBAwDoIMc2l0ZS5leGFtcGxlMAoGCCqGSM49BAMCA0kAMEYCIQCaaml8IDI8PmeeGsvVO7Y8TgijpndR"
            + "nJBZEt+DuBHvigIhANgHUrF6DhOX8BNc52pmT6d8Rh7qcbW6zVVkbNKzl7xF")

    static let client = der(
        "MIIBozCCAUqgAwIBAgIBBTAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlUZXN0IFJvb3QwHhcNMjYwMTAxMDAwMDAwWhcNMjYwNDAx"
            + "MDAwMDAwWjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATytb0qUtMPYH3IywPpbUQdz2LekAJM"
            + "lztM/hvY+zf9pdAA1zhQIGY7wZAwNo+nHBByUQYpQMvtDuUswGwg3HL+o4GPMIGMMB0GA1UdDgQWBBQTeGdFyGA6T8NMYYNWJDwP"
            + "nSaXczAfBgNVHSMEGDAWgBTYWNrRi0YTDEbKZcGBAV+pGomRlTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNVHSUE"
            + "DDAKBggrBgEFBQcDAjAXBgNVHREEEDAOggxzaXRlLmV4YW1wbGUwCgYIKoZIzj0EAwIDRwAwRAIgHlae8Gg9W4K0Uf9jsXzEhxzH"
            + "NXPEF69ewy1G+9vc59gCIDmDowWoFImc/cr9HJNyTvnEdRcbSGShtC6+v90/KKAQ")

    static let sha1 = der(
        "MIIBoDCCAUegAwIBAgIBBjAJBgcqhkjOPQQBMBQxEjAQBgNVBAMMCVRlc3QgUm9vdDAeFw0yNjAxMDEwMDAwMDBaFw0yNjA0MDEw"
            + "MDAwMDBaMA8xDTALBgNVBAMMBHNoYTEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASZIWAFPwV0GGr5mdzXcB1CxznILUW/54Oz"
            + "5OkkPsI1Qoqx7ZI9NGSIF33p2aZKlT3X5WII/4xvqpXcvyb5qu5No4GPMIGMMB0GA1UdDgQWBBSvBNZsv1DB9wzp23R2q6mHcAxR"
            + "KTAfBgNVHSMEGDAWgBTYWNrRi0YTDEbKZcGBAV+pGomRlTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNVHSUEDDAK"
            + "BggrBgEFBQcDATAXBgNVHREEEDAOggxzaXRlLmV4YW1wbGUwCQYHKoZIzj0EAQNIADBFAiB8lMpzhs6RCz4DznNj9VdL9REPD0+1"
            + "rK2sBYrX/y8HtwIhALYeJzaY3sLQVSYeOmht/1tBlEWNB7RV/MLAQnEToamJ")

    static let ed = der(
        "MIIBWTCCAQCgAwIBAgIBBzAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlUZXN0IFJvb3QwHhcNMjYwMTAxMDAwMDAwWhcNMjYwNDAx"
            + "MDAwMDAwWjANMQswCQYDVQQDDAJlZDAqMAUGAytlcAMhAIfWpRa1ez6RkySQARIwd/xe4gBSdABqg2nKGg5vt7X2o3kwdzAdBgNV"
            + "HQ4EFgQU2l8hafyjF+BEK0YnDgHDSJwudJEwHwYDVR0jBBgwFoAU2Fja0YtGEwxGymXBgQFfqRqJkZUwDAYDVR0TAQH/BAIwADAO"
            + "BgNVHQ8BAf8EBAMCB4AwFwYDVR0RBBAwDoIMc2l0ZS5leGFtcGxlMAoGCCqGSM49BAMCA0cAMEQCIFLaFlNbNRXv8RIv1JGdlEcF"
            + "c74TNkzLje4xKd7iY/UsAiAPSCLiNMIn9VgpKCjg3vzuH7aWRBLmcjFNWoM5FReCvg==")

    static let own = der(
        "MIIBRDCB66ADAgECAgEIMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA293bjAeFw0yNjAxMDEwMDAwMDBaFw0yNjA0MDEwMDAwMDBa"
            + "MA4xDDAKBgNVBAMMA293bjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAZ5PRqh48eyOW1JBz3yuuXLLeq9Y3tj+PENRYqhvRkJ"
            + "m2JMbsGDbJ7/519bz/FSlZOTExyz2TStGD493ZC/SGCjOjA4MBcGA1UdEQQQMA6CDHNpdGUuZXhhbXBsZTAdBgNVHQ4EFgQULV4w"
            + "Uzw1c8LK/sJib8EQK51h+TQwCgYIKoZIzj0EAwIDSAAwRQIgKv6vpYsgwi0WUFS9wzOAoT/WnsmPd5H6LowIAIOESY4CIQDPNzhl"
            + "Iu37+sPLvDBHrdA3Y8gCtpteceIVpsS22PFISw==")

    private static func der(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text) ?? Data()) }

    /// The same as a file with certificates.
    static func pem(_ certificates: [UInt8]...) -> [UInt8] {
        let texts = certificates.map {
            "-----BEGIN CERTIFICATE-----\r\n\(Data($0).base64EncodedString(options: .lineLength64Characters))\n-----END CERTIFICATE-----\n"
        }
        return Array(("# anchors\n" + texts.joined()).utf8)
    }
}
