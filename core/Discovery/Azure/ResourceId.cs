using Tributary.Configuration.Yaml;

namespace Tributary.Discovery.Azure;

/// <summary>What is needed of a resource's identifier: <c>/subscriptions/…/resourceGroups/GROUP/…/NAME</c>.</summary>
/// <param name="Group">The resource group.</param>
/// <param name="Name">The name: the last part.</param>
/// <remarks>https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules</remarks>
internal sealed record ResourceId(string Group, string Name)
{
    private const string GroupPart = "resourceGroups";

    /// <summary>Reads an identifier.</summary>
    /// <exception cref="DiscoveryException">It is none.</exception>
    public static ResourceId Parse(string id)
    {
        var parts = id.Split('/');
        var group = Array.FindIndex(parts, part => part.Equals(GroupPart, StringComparison.OrdinalIgnoreCase));
        return group > 0 && group + 2 < parts.Length && parts[group + 1].Length > 0 && parts[^1].Length > 0
            ? new ResourceId(parts[group + 1], parts[^1])
            : throw new DiscoveryException($"Azure gave {Words.Quote(id)}, which is no identifier of a resource");
    }
}
