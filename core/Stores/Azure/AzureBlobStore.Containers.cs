using Azure.Core;

namespace Tributary.Stores.Azure;

/// <summary>Containers: what operators look at, and the store itself does not need.</summary>
public sealed partial class AzureBlobStore
{
    /// <summary>Whether a container is there.</summary>
    /// <exception cref="StoreException">Denied: this identity may not know.</exception>
    internal async Task<bool> HasContainerAsync(string container, CancellationToken cancellationToken)
    {
        var operation = $"look at container '{container}'";
        using var message = client.Read(OperationClass.BlobRead, RequestMethod.Head, $"/{container}?restype=container");
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status switch
        {
            200 => true,
            404 when ServiceError.Of(response).Meaning == StoreError.NotFound => false,
            _ => throw Refused(operation, response),
        };
    }

    /// <summary>Makes a container; one that is there is left as it is.</summary>
    /// <exception cref="StoreException">It cannot be made.</exception>
    internal Task MakeContainerAsync(string container, CancellationToken cancellationToken) =>
        CreateContainerAsync(container, cancellationToken);

    /// <summary>Deletes a container with all that is in it; one that is not there is gone already.</summary>
    /// <exception cref="StoreException">It cannot be deleted.</exception>
    internal async Task DropContainerAsync(string container, CancellationToken cancellationToken)
    {
        var operation = $"deletion of container '{container}'";
        using var message = client.Write(
            OperationClass.BlobDelete,
            RequestMethod.Delete,
            $"/{container}?restype=container"
        );
        var response = await client.SendAsync(message, operation, cancellationToken);
        if (response.Status != 202 && ServiceError.Of(response).Meaning != StoreError.NotFound)
        {
            throw Refused(operation, response);
        }
    }

    /// <summary>The containers whose names begin with a prefix.</summary>
    /// <exception cref="StoreException">They cannot be listed.</exception>
    internal async Task<IReadOnlyList<string>> ListContainersAsync(
        string prefix,
        CancellationToken cancellationToken
    ) => [.. await ContainersAsync(prefix, cancellationToken)];

    /// <summary>Whether the account has a hierarchical namespace, by what it says of a blob: only such accounts have paths of a type.</summary>
    /// <remarks>https://learn.microsoft.com/rest/api/storageservices/get-blob-properties (<c>x-ms-resource-type</c>)</remarks>
    /// <exception cref="StoreException">The blob cannot be looked at.</exception>
    internal async Task<bool> IsHierarchicalAsync(string name, CancellationToken cancellationToken)
    {
        AzureNames.Container(name);
        var operation = $"properties of '{name}'";
        using var message = client.Read(OperationClass.BlobRead, RequestMethod.Head, "/" + name);
        var response = await client.SendAsync(message, operation, cancellationToken);
        return response.Status == 200
            ? response.Headers.TryGetValue("x-ms-resource-type", out _)
            : throw Refused(operation, response);
    }
}
