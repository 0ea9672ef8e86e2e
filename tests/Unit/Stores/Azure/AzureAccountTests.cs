using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

public sealed class AzureAccountTests
{
    private const string Key = "c2VjcmV0LWtleS1vZi10aGUtdGVzdHM=";

    [Theory]
    [InlineData(
        $"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={Key};EndpointSuffix=core.windows.net",
        "acct https://acct.blob.core.windows.net/ https://acct.queue.core.windows.net/ https://acct.table.core.windows.net/"
    )]
    [InlineData(
        $" accountkey={Key} ; accountname=acct;EndpointSuffix=core.chinacloudapi.cn; ",
        "acct https://acct.blob.core.chinacloudapi.cn/ https://acct.queue.core.chinacloudapi.cn/ https://acct.table.core.chinacloudapi.cn/"
    )]
    [InlineData(
        "UseDevelopmentStorage=true",
        "devstoreaccount1 http://127.0.0.1:10000/devstoreaccount1 http://127.0.0.1:10001/devstoreaccount1 http://127.0.0.1:10002/devstoreaccount1"
    )]
    [InlineData(
        "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite",
        "devstoreaccount1 http://azurite:10000/devstoreaccount1 http://azurite:10001/devstoreaccount1 http://azurite:10002/devstoreaccount1"
    )]
    [InlineData(
        "BlobEndpoint=https://acct.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=a%3D",
        "acct https://acct.blob.core.windows.net/ https://acct.queue.core.windows.net/ https://acct.table.core.windows.net/"
    )]
    [InlineData(
        $"AccountName=a;AccountKey={Key};BlobEndpoint=http://h:1/a;TableEndpoint=http://h:2/a",
        "a http://h:1/a http://h:1/a http://h:2/a"
    )]
    [InlineData(
        "https://acct.blob.core.windows.net",
        "acct https://acct.blob.core.windows.net/ https://acct.queue.core.windows.net/ https://acct.table.core.windows.net/"
    )]
    [InlineData(
        "HTTPS://acct.z01.blob.storage.azure.net/",
        "acct https://acct.z01.blob.storage.azure.net/ https://acct.z01.queue.storage.azure.net/ https://acct.z01.table.storage.azure.net/"
    )]
    [InlineData(
        "BlobEndpoint=https://127.0.0.1:1/acct;TableEndpoint=https://127.0.0.1:2/acct",
        "acct https://127.0.0.1:1/acct https://127.0.0.1:1/acct https://127.0.0.1:2/acct"
    )]
    [InlineData(
        "BlobEndpoint=https://acct.example;TableEndpoint=https://tables.example",
        "acct https://acct.example/ https://acct.example/ https://tables.example/"
    )]
    public void Account_IsReadFromItsForms(string text, string expected)
    {
        var account = AzureAccount.Parse(text);
        Assert.Equal(
            expected,
            $"{account.Name} {account.BlobEndpoint} {account.QueueEndpoint} {account.TableEndpoint}"
        );
        Assert.DoesNotContain(Key, account.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"AccountKey={Key}", "AccountName is missing")]
    [InlineData("AccountName=acct", "neither AccountKey nor SharedAccessSignature")]
    [InlineData("AccountName=acct;AccountKey=secret!", "AccountKey is not base64")]
    [InlineData($"AccountName=acct;AccountKey={Key};c2VjcmV0LWtleS1v", "part 3 is not of the form name=value")]
    [InlineData($"AccountName=acct;AccountKey={Key};AccountKey={Key}", "part 3 gives a name a second time")]
    [InlineData($"AccountName=Acct_1;AccountKey={Key}", "AccountName is not 3 to 24")]
    [InlineData($"AccountName=acct;AccountKey={Key};BlobEndpoint=http://h:1/a", "TableEndpoint is not")]
    [InlineData($"AccountName=acct;AccountKey={Key};BlobEndpoint=h", "BlobEndpoint does not make an http(s) URL")]
    [InlineData($"AccountName=acct;AccountKey={Key};DefaultEndpointsProtocol=ftp", "http(s) URL")]
    [InlineData("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=:", "DevelopmentStorageProxyUri does not")]
    [InlineData("http://acct.blob.core.windows.net", "must begin with https://")]
    [InlineData("https://acct.blob.core.windows.net/log", "has a path")]
    [InlineData("BlobEndpoint=https://127.0.0.1:1/a/log;TableEndpoint=https://127.0.0.1:2/a", "has a path")]
    [InlineData("BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:2/a", "must begin with https://")]
    [InlineData("BlobEndpoint=https://acct.example", "neither AccountKey nor SharedAccessSignature")]
    [InlineData(
        "AccountName=acct;AccountKye=a2V5;BlobEndpoint=https://acct.example;TableEndpoint=https://table.example",
        "the name of part 2 is unknown"
    )]
    [InlineData($"https://acct.blob.core.windows.net/?sig={Key}", "goes into a connection string")]
    [InlineData("https://example.com", "not NAME.blob.SUFFIX")]
    [InlineData("https://", "is not a URL")]
    [InlineData("local:./data", "is not a storage account")]
    [InlineData("local:", "needs a path")]
    [InlineData("", "it is empty")]
    [InlineData("./data", "none of these forms")]
    public void MalformedAccount_SaysWhatIsWrong_WithoutTheKey(string text, string expected)
    {
        var error = Assert.Throws<StoreException>(() => AzureAccount.Parse(text));
        Assert.Equal(StoreError.Unusable, error.Error);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key[..8], error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret!", error.ToString(), StringComparison.Ordinal);
    }
}
