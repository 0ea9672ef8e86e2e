using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Xml;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>Blobs in a storage account (or Azurite), over its REST interface.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api</remarks>
public sealed partial class AzureBlobStore : IBlobStore
{
    /// <summary>Whole reads that break in the middle are begun anew this often.</summary>
    private const int BrokenReads = 3;

    private readonly StorageClient client;

    /// <summary>Opens the blobs of an account; nothing is sent yet.</summary>
    /// <param name="account">The account.</param>
    /// <param name="time">Dates the requests.</param>
    /// <param name="transport">What sends them; the usual HTTP handler when null.</param>
    /// <param name="options">Waits and retries; <see cref="AzureRequestOptions.Default"/> when null.</param>
    public AzureBlobStore(
        AzureAccount account,
        TimeProvider time,
        HttpPipelineTransport? transport = null,
        AzureRequestOptions? options = null
    ) => client = StorageClient.Blobs(account, time, transport, options);

    /// <inheritdoc/>
    public StoreOperations Operations => client.Operations;

    /// <inheritdoc/>
    public async Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken)
    {
        AzureNames.Container(name);
        var operation = $"properties of '{name}'";
        using var message = client.Read(OperationClass.BlobRead, RequestMethod.Head, "/" + name);
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status switch
        {
            200 => Info(name, operation, response, response.Headers.ContentLengthLong),
            404 when ServiceError.Of(response).Meaning == StoreError.NotFound => null,
            _ => throw Refused(operation, response),
        };
    }

    /// <inheritdoc/>
    public async Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        AzureNames.Container(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        var operation = $"read of '{name}' at {offsetBytes.ToString(CultureInfo.InvariantCulture)}";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var bytes = await ReadOnceAsync(name, operation, offsetBytes, destination, ifMatch, cancellationToken);
                Operations.CountRead(bytes);
                return bytes;
            }
            catch (Exception e) when (StorageClient.IsTransport(e) && !cancellationToken.IsCancellationRequested)
            {
                // The pipeline repeats until the headers are there; a body that breaks is ours to repeat.
                if (attempt == BrokenReads)
                {
                    throw client.Failures.Broken(operation, isWrite: false, e);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        var operation = $"write of '{name}'";
        using var message = await SendCreatingAsync(name, operation, Message, cancellationToken);
        return message.Response.Status == 201
            ? Info(name, operation, message.Response, content.Length)
            : throw RefusedWrite(operation, message.Response, condition);

        HttpMessage Message()
        {
            var message = client.Write(OperationClass.BlobWrite, RequestMethod.Put, "/" + name, content);
            var headers = message.Request.Headers;
            headers.SetValue("x-ms-blob-type", "BlockBlob");
            headers.SetValue("Content-Type", "application/octet-stream");
            SetConditions(headers, condition);
            return message;
        }
    }

    /// <inheritdoc/>
    public async Task CreateAppendAsync(string name, CancellationToken cancellationToken)
    {
        var operation = $"creation of '{name}'";
        using var message = await SendCreatingAsync(name, operation, Message, cancellationToken);
        if (message.Response.Status != 201)
        {
            throw RefusedWrite(operation, message.Response, WriteCondition.Create);
        }

        HttpMessage Message()
        {
            var message = client.Write(OperationClass.BlobWrite, RequestMethod.Put, "/" + name);
            var headers = message.Request.Headers;
            headers.SetValue("x-ms-blob-type", "AppendBlob");
            SetConditions(headers, WriteCondition.Create);
            return message;
        }
    }

    /// <inheritdoc/>
    public async Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        AzureNames.Container(name);
        if (content.Length is 0 or > StoreLimits.AppendBytes)
        {
            throw AzureNames.Rejected($"an append to '{name}' has {content.Length} bytes, not 1 to 4 MiB");
        }
        var operation = $"append to '{name}'";
        var path = $"/{name}?comp=appendblock";
        using var message = client.Write(OperationClass.BlobWrite, RequestMethod.Put, path, content);
        var position = expectedLengthBytes.ToString(CultureInfo.InvariantCulture);
        message.Request.Headers.SetValue("x-ms-blob-condition-appendpos", position);
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status == 201 ? expectedLengthBytes + content.Length : throw Refused(operation, response);
    }

    /// <inheritdoc/>
    public async Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken)
    {
        AzureNames.Container(name);
        var operation = $"seal of '{name}'";
        using var message = client.Write(OperationClass.BlobWrite, RequestMethod.Put, $"/{name}?comp=seal");
        var response = await client.SendAsync(message, operation, cancellationToken);
        if (response.Status != 200 && ServiceError.Of(response) is { Code: not ServiceErrors.BlobIsSealed })
        {
            throw Refused(operation, response);
        }
        try
        {
            return await GetInfoAsync(name, cancellationToken)
                ?? throw client.Failures.Failed(StoreError.NotFound, operation, "it was deleted meanwhile", "");
        }
        catch (StoreException e) when (e.Error != StoreError.NotFound)
        {
            // The errors of a read say "nothing happened"; here the seal has.
            throw new StoreException(StoreError.Unknown, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        AzureNames.CheckPrefix(prefix);
        var slash = prefix.IndexOf('/', StringComparison.Ordinal);
        var containers =
            slash < 0 ? await ContainersAsync(prefix, cancellationToken) : (IEnumerable<string>)[prefix[..slash]];
        foreach (var container in containers)
        {
            var rest = slash < 0 ? "" : prefix[(slash + 1)..];
            await foreach (var blob in ListContainerAsync(container, rest, cancellationToken))
            {
                yield return blob;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken)
    {
        AzureNames.Container(name);
        var operation = $"deletion of '{name}'";
        using var message = client.Write(OperationClass.BlobDelete, RequestMethod.Delete, "/" + name);
        SetConditions(message.Request.Headers, new WriteCondition(IfMatch: ifMatch));
        var response = await client.SendAsync(message, operation, cancellationToken);
        switch (response.Status)
        {
            case 202:
                return true;
            case 404 when ServiceError.Of(response).Meaning == StoreError.NotFound:
            // Azurite says 412 also of a blob that is not there, the service 404.
            case 412 when ifMatch is not null && await GetInfoAsync(name, cancellationToken) is null:
                return false;
            default:
                throw Refused(operation, response);
        }
    }

    /// <inheritdoc/>
    public async Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        if (duration.TotalSeconds is < 15 or > 60)
        {
            throw AzureNames.Rejected($"a lease of {duration} for '{name}'; it must be 15 to 60 s");
        }
        using var message = Lease(name, "acquire");
        var length = Math.Ceiling(duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        message.Request.Headers.SetValue("x-ms-lease-duration", length);
        var response = await SendLeaseAsync(message, name, "acquire", 201, cancellationToken);
        return response.Headers.TryGetValue("x-ms-lease-id", out var id) && !string.IsNullOrEmpty(id)
            ? id
            : throw client.Failures.Failed(StoreError.Unknown, $"lease of '{name}'", "the answer names no lease", "");
    }

    /// <inheritdoc/>
    public Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        ChangeLeaseAsync(name, leaseId, "renew", cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        ChangeLeaseAsync(name, leaseId, "release", cancellationToken);

    private async Task ChangeLeaseAsync(string name, string leaseId, string action, CancellationToken cancellationToken)
    {
        using var message = Lease(name, action);
        message.Request.Headers.SetValue("x-ms-lease-id", leaseId);
        await SendLeaseAsync(message, name, action, 200, cancellationToken);
    }

    private HttpMessage Lease(string name, string action)
    {
        AzureNames.Container(name);
        var message = client.Write(OperationClass.BlobLease, RequestMethod.Put, $"/{name}?comp=lease");
        message.Request.Headers.SetValue("x-ms-lease-action", action);
        return message;
    }

    private async Task<Response> SendLeaseAsync(
        HttpMessage message,
        string name,
        string action,
        int success,
        CancellationToken cancellationToken
    )
    {
        var operation = $"{action} of the lease of '{name}'";
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status == success ? response : throw Refused(operation, response);
    }

    private async Task<int> ReadOnceAsync(
        string name,
        string operation,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        using var message = client.Read(OperationClass.BlobRead, RequestMethod.Get, "/" + name);
        // An empty range cannot be asked for; one byte answers whether the blob is there and unchanged.
        var last = offsetBytes + Math.Max(destination.Length, 1) - 1;
        var range = string.Create(CultureInfo.InvariantCulture, $"bytes={offsetBytes}-{last}");
        message.Request.Headers.SetValue("x-ms-range", range);
        SetConditions(message.Request.Headers, new WriteCondition(IfMatch: ifMatch));
        message.BufferResponse = false;
        var response = await client.SendAsync(message, operation, cancellationToken);
        switch (response.Status)
        {
            case 206:
            case 200 when offsetBytes == 0:
                var read = response.ContentStream is { } body
                    ? await body.ReadAtLeastAsync(
                        destination,
                        destination.Length,
                        throwOnEndOfStream: false,
                        cancellationToken
                    )
                    : 0;
                CheckRange(response, offsetBytes, read, destination.Length);
                return read;
            case 416:
                return 0;
            default:
                await BufferAsync(response, cancellationToken);
                throw Refused(operation, response);
        }
    }

    /// <summary>A range that somebody on the way has cut or exchanged is broken, and no end of the blob.</summary>
    private static void CheckRange(Response response, long offsetBytes, int read, int wanted)
    {
        if (
            response.Headers.TryGetValue("Content-Range", out var text)
            && ContentRangeHeaderValue.TryParse(text, out var range)
            && (range.From != offsetBytes || (read < wanted && offsetBytes + read < range.Length))
        )
        {
            throw new IOException($"{read} bytes at {offsetBytes} came as '{text}'");
        }
    }

    /// <summary>Brings the (short) body of an unbuffered error into memory, where its code can be read.</summary>
    private static async Task BufferAsync(Response response, CancellationToken cancellationToken)
    {
        if (response.ContentStream is { } body)
        {
            var error = new byte[8 * 1024];
            var length = await body.ReadAtLeastAsync(error, error.Length, throwOnEndOfStream: false, cancellationToken);
            await body.DisposeAsync();
            response.ContentStream = new MemoryStream(error, 0, length, writable: false);
        }
    }

    /// <summary>Sends a write; when its container is missing, makes that and sends the write once more.</summary>
    private async Task<HttpMessage> SendCreatingAsync(
        string name,
        string operation,
        Func<HttpMessage> make,
        CancellationToken cancellationToken
    )
    {
        var container = AzureNames.Container(name);
        var message = make();
        try
        {
            var response = await client.SendAsync(message, operation, cancellationToken);
            if (response.Status == 404 && ServiceError.Of(response).Code == ServiceErrors.ContainerNotFound)
            {
                message.Dispose();
                await CreateContainerAsync(container, cancellationToken);
                message = make();
                await client.SendAsync(message, operation, cancellationToken);
            }
            return message;
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    private async Task CreateContainerAsync(string container, CancellationToken cancellationToken)
    {
        var operation = $"creation of container '{container}'";
        using var message = client.Write(OperationClass.Create, RequestMethod.Put, $"/{container}?restype=container");
        var response = await client.SendAsync(message, operation, cancellationToken);
        if (response.Status != 201 && ServiceError.Of(response) is { Code: not "ContainerAlreadyExists" })
        {
            throw Refused(operation, response);
        }
    }

    /// <summary>All containers with a prefix, in the order of the names of their blobs.</summary>
    private async Task<IEnumerable<string>> ContainersAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        string? marker = null;
        do
        {
            var query = $"/?comp=list&prefix={prefix}{client.PageSize("&maxresults=")}{Marker(marker)}";
            var page = await ListPageAsync(query, "list of containers", BlobListReader.Containers, cancellationToken);
            names.AddRange(page.Items);
            marker = page.NextMarker;
        } while (marker is not null);
        // '-' and '.' sort before the '/' that ends a container's name.
        return names.OrderBy(name => name + "/", StringComparer.Ordinal);
    }

    private async IAsyncEnumerable<BlobInfo> ListContainerAsync(
        string container,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var operation = $"list of '{container}/{prefix}'";
        string? marker = null;
        do
        {
            var query =
                $"/{container}?restype=container&comp=list&prefix={prefix}{client.PageSize("&maxresults=")}{Marker(marker)}";
            var page = await ListPageAsync(
                query,
                operation,
                xml => BlobListReader.Blobs(xml, container),
                cancellationToken
            );
            foreach (var blob in page.Items)
            {
                yield return blob;
            }
            marker = page.NextMarker;
        } while (marker is not null);
    }

    private async Task<ListPage<T>> ListPageAsync<T>(
        string query,
        string operation,
        Func<Stream, ListPage<T>> read,
        CancellationToken cancellationToken
    )
    {
        using var message = client.Read(OperationClass.BlobList, RequestMethod.Get, query);
        var response = await client.SendAsync(message, operation, cancellationToken);
        switch (response.Status)
        {
            case 200:
                try
                {
                    return read(response.ContentStream ?? Stream.Null);
                }
                catch (Exception e) when (e is XmlException or FormatException or OverflowException)
                {
                    throw client.Failures.Failed(StoreError.Unknown, operation, "the answer is not a list", "", e);
                }
            case 404 when ServiceError.Of(response).Meaning == StoreError.NotFound:
                return new ListPage<T>([], null);
            default:
                throw Refused(operation, response);
        }
    }

    private static string Marker(string? marker) => marker is null ? "" : "&marker=" + Uri.EscapeDataString(marker);

    private static void SetConditions(RequestHeaders headers, WriteCondition condition)
    {
        if (condition.MustNotExist)
        {
            headers.SetValue("If-None-Match", "*");
        }
        if (condition.IfMatch is { } etag)
        {
            headers.SetValue("If-Match", $"\"{etag}\"");
        }
        if (condition.LeaseId is { } lease)
        {
            headers.SetValue("x-ms-lease-id", lease);
        }
    }

    /// <summary>What the headers say of a blob. Without them no service answered: a length of 0 would be an invention.</summary>
    private BlobInfo Info(string name, string operation, Response response, long? lengthBytes)
    {
        var headers = response.Headers;
        var modified = headers.TryGetValue("Last-Modified", out var text) ? text : "";
        return
            lengthBytes is { } length
            && headers.TryGetValue("ETag", out var etag)
            && DateTimeOffset.TryParse(
                modified,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var written
            )
            ? new BlobInfo(
                name,
                length,
                etag.Trim('"'),
                written,
                headers.TryGetValue("x-ms-blob-sealed", out var isSealed) && isSealed == "true"
            )
            : throw client.Failures.Failed(StoreError.Unknown, operation, "the answer lacks length, ETag or time", "");
    }

    private StoreException Refused(string operation, Response response) =>
        client.Failures.Refused(operation, ServiceError.Of(response), response);

    private StoreException RefusedWrite(string operation, Response response, WriteCondition condition)
    {
        var error = ServiceError.Of(response);
        // A leased blob is there, so "must not exist" has failed, whichever condition the service looks at first.
        return condition.MustNotExist && error.Meaning == StoreError.LeaseConflict
            ? client.Failures.Failed(StoreError.ConditionNotMet, operation, $"it exists ({error.Code})", "")
            : client.Failures.Refused(operation, error, response);
    }
}
