using Azure.Core;
using Azure.Core.Pipeline;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>The text that is signed, as the service's documentation defines it; wrong here is 403 there.</summary>
public sealed class SharedKeyTests
{
    private const string Date = "x-ms-date:Fri, 02 Jan 2026 03:04:05 GMT\n";

    public static TheoryData<string, string, int, string[], string> BlobRequests =>
        new()
        {
            {
                "GET",
                "https://acct.blob.core.windows.net/log?restype=container&comp=list&prefix=a%2Fb&MARKER=2%212",
                0,
                [],
                "GET\n\n\n\n\n\n\n\n\n\n\n\n" + Date + "/acct/log\ncomp:list\nmarker:2!2\nprefix:a/b\nrestype:container"
            },
            {
                "PUT",
                "https://acct.blob.core.windows.net/log/1/a.log?comp=appendblock",
                3,
                ["x-ms-version=2025-11-05", "X-Ms-Blob-Condition-Appendpos=7"],
                "PUT\n\n\n3\n\n\n\n\n\n\n\n\nx-ms-blob-condition-appendpos:7\n"
                    + Date
                    + "x-ms-version:2025-11-05\n/acct/log/1/a.log\ncomp:appendblock"
            },
            {
                "PUT",
                "http://127.0.0.1:10000/acct/log/a",
                0,
                ["If-Match=\"0x1\"", "If-None-Match=*", "Content-Type=text/plain"],
                "PUT\n\n\n\n\ntext/plain\n\n\n\"0x1\"\n*\n\n\n" + Date + "/acct/acct/log/a"
            },
            {
                "GET",
                "https://acct.blob.core.windows.net/a?x=2&X=1",
                0,
                ["Range=bytes=0-1"],
                "GET\n\n\n\n\n\n\n\n\n\n\nbytes=0-1\n" + Date + "/acct/a\nx:1,2"
            },
        };

    [Theory]
    [MemberData(nameof(BlobRequests), DisableDiscoveryEnumeration = true)]
    public void BlobStringToSign_IsCanonical(
        string method,
        string url,
        int length,
        string[] headers,
        string expected
    ) => Assert.Equal(expected, SharedKey.BlobStringToSign("acct", Request(method, url, length, headers)));

    [Theory]
    [InlineData(
        "https://acct.table.core.windows.net/t(PartitionKey='a%25',RowKey='b')?$filter=x",
        "/acct/t(PartitionKey='a%25',RowKey='b')"
    )]
    [InlineData("https://acct.table.core.windows.net/?comp=properties&restype=service", "/acct/?comp=properties")]
    [InlineData("http://127.0.0.1:10002/acct/$batch", "/acct/acct/$batch")]
    public void TableStringToSign_IsCanonical(string url, string resource)
    {
        var request = Request("POST", url, 3, ["Content-Type=application/json"]);
        Assert.Equal(
            "POST\n\napplication/json\nFri, 02 Jan 2026 03:04:05 GMT\n" + resource,
            SharedKey.TableStringToSign("acct", request)
        );
    }

    [Fact]
    public void Authorization_IsAnHmacOfTheText() =>
        // printf 'text' | openssl dgst -sha256 -mac HMAC -macopt hexkey:736563726574 -binary | base64
        Assert.Equal(
            "SharedKey testaccount:L0Q2hVkpAOYZ8vOyNQw8ilc44ueia8miRNM5PDzWq9Y=",
            SharedKey.Authorization(FakeService.Account(), "secret"u8.ToArray(), "text")
        );

    private static Request Request(string method, string url, int length, string[] headers)
    {
        var request = new HttpClientTransport().CreateRequest();
        request.Method = RequestMethod.Parse(method);
        request.Uri.Reset(new Uri(url));
        request.Content = RequestContent.Create(new byte[length]);
        request.Headers.SetValue("x-ms-date", "Fri, 02 Jan 2026 03:04:05 GMT");
        foreach (var header in headers)
        {
            var pair = header.Split('=', 2);
            request.Headers.SetValue(pair[0], pair[1]);
        }
        return request;
    }
}
