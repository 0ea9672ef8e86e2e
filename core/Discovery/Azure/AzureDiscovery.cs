using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Identities;
using Tributary.Model;

namespace Tributary.Discovery.Azure;

/// <summary>Targets that are virtual machines of an Azure subscription (<c>azure_sd_configs</c>), of scale sets among them.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#azure_sd_config</remarks>
public sealed class AzureDiscovery : PolledDiscovery
{
    private const string Prefix = "__meta_azure_";
    private const string ComputeVersion = "api-version=2024-07-01";
    private const string NetworkVersion = "api-version=2024-05-01&$expand=ipConfigurations/publicIPAddress";

    /// <summary>The only version that knows the interfaces of scale sets.</summary>
    private const string ScaleSetNetworkVersion = "api-version=2018-10-01&$expand=ipConfigurations/publicIPAddress";

    /// <summary>Network interfaces that are asked for at once.</summary>
    private const int MaxAtOnce = 8;

    private readonly AzureSdConfig config;
    private readonly HttpMessageInvoker http;
    private readonly TimeProvider time;
    private readonly TokenPool tokens;
    private readonly InterfaceCache cache;

    /// <summary>A discovery that has listed nothing yet.</summary>
    /// <param name="config">What is listed.</param>
    /// <param name="http">Sends the requests; it is disposed with the discovery.</param>
    /// <param name="time">The clock.</param>
    public AzureDiscovery(AzureSdConfig config, HttpMessageInvoker http, TimeProvider time)
        : this(config, http, time, TokenPool.For(time)) { }

    internal AzureDiscovery(AzureSdConfig config, HttpMessageInvoker http, TimeProvider time, TokenPool tokens)
        : base(config.RefreshInterval, time)
    {
        this.config = config;
        this.http = http;
        this.time = time;
        this.tokens = tokens;
        cache = new InterfaceCache(config.RefreshInterval, time);
    }

    /// <inheritdoc/>
    public override string Mechanism => "azure";

    /// <summary>Network interfaces that were not asked for again since the start.</summary>
    public long CacheHits => cache.Hits;

    /// <inheritdoc/>
    public override void Dispose()
    {
        http.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    private protected override async Task<(IReadOnlyList<TargetGroup> Groups, IReadOnlyList<string> Notes)> FindAsync(
        CancellationToken cancellationToken
    )
    {
        var cloud =
            AzureCloud.Of(config.Environment)
            ?? throw new DiscoveryException(
                $"environment {Words.Quote(config.Environment)} is no cloud; "
                    + "give AzurePublicCloud, AzureUSGovernmentCloud or AzureChinaCloud"
            );
        var arm = new ArmClient(new ApiClient(http, time), cloud, new ArmTokens(config, cloud, tokens));
        var machines = await ListAsync(arm, cancellationToken);
        var targets = new List<LabelSet>();
        foreach (var some in machines.Chunk(MaxAtOnce))
        {
            var found = await Task.WhenAll(some.Select(machine => FindAsync(arm, machine, cancellationToken)));
            targets.AddRange(found.OfType<LabelSet>());
        }
        return ([new TargetGroup($"azure/{config.SubscriptionId}", targets, LabelSet.Empty)], []);
    }

    private async Task<List<VirtualMachine>> ListAsync(ArmClient arm, CancellationToken cancellationToken)
    {
        var subscription = $"/subscriptions/{Escape(config.SubscriptionId)}";
        var place = config.ResourceGroup.Length == 0 ? subscription : GroupPath(config.ResourceGroup);
        var compute = $"{place}/providers/Microsoft.Compute";
        var machines = await arm.ListAsync(
            $"{compute}/virtualMachines?{ComputeVersion}",
            "virtual machines",
            VirtualMachine.Read,
            cancellationToken
        );
        var scaleSets = await arm.ListAsync(
            $"{compute}/virtualMachineScaleSets?{ComputeVersion}",
            "scale sets",
            item => (Id: item.Text("id"), Name: item.Text("name")),
            cancellationToken
        );
        foreach (var (id, name) in scaleSets)
        {
            var path = $"{ScaleSetPath(ResourceId.Parse(id).Group, name)}/virtualMachines?{ComputeVersion}";
            var what = $"virtual machines of the scale set {Words.Clean(name)}";
            var found = await arm.ListAsync(path, what, VirtualMachine.Read, cancellationToken);
            machines.AddRange(found.Select(machine => machine with { ScaleSet = name }));
        }
        return [.. machines.OrderBy(machine => machine.Id, StringComparer.Ordinal)];
    }

    /// <summary>The target of a machine; null where it does not run.</summary>
    private async Task<LabelSet?> FindAsync(ArmClient arm, VirtualMachine machine, CancellationToken cancellationToken)
    {
        var labels = LabelsOf(machine);
        foreach (var id in machine.NetworkInterfaces)
        {
            if (await InterfaceAsync(arm, machine, id, cancellationToken) is not { } found)
            {
                return null;
            }
            if (!found.HasProperties)
            {
                continue;
            }
            if (found.IsPrimary is not { } isPrimary)
            {
                return null;
            }
            if (isPrimary && found.HasAddresses)
            {
                return found.PrivateIp is { } address
                    ? labels
                        .Set("machine_public_ip", found.PublicIp ?? "")
                        .Set("machine_private_ip", address)
                        .SetAddress(MetaLabels.HostAndPort(address, config.Port))
                        .Build()
                    : throw new DiscoveryException(
                        $"the network interface of {Words.Clean(machine.Name)} has no private address"
                    );
            }
        }
        return null;
    }

    private MetaLabels LabelsOf(VirtualMachine machine)
    {
        var labels = new MetaLabels(Prefix)
            .Set("subscription_id", config.SubscriptionId)
            .Set("tenant_id", config.TenantId)
            .Set("machine_id", machine.Id)
            .Set("machine_name", machine.Name)
            .Set("machine_computer_name", machine.ComputerName)
            .Set("machine_os_type", machine.OsType)
            .Set("machine_location", machine.Location)
            .Set("machine_resource_group", ResourceId.Parse(machine.Id).Group)
            .Set("machine_size", machine.Size)
            .Set("machine_scale_set", machine.ScaleSet);
        foreach (var (name, value) in machine.Tags)
        {
            labels.Set("machine_tag_" + MetaLabels.NamePart(name), value);
        }
        return labels;
    }

    /// <summary>A network interface; null where there is none.</summary>
    private async Task<NetworkInterface?> InterfaceAsync(
        ArmClient arm,
        VirtualMachine machine,
        string id,
        CancellationToken cancellationToken
    )
    {
        if (cache.Find(id) is { } known)
        {
            return known;
        }
        var resource = ResourceId.Parse(id);
        var path =
            machine.ScaleSet.Length == 0
                ? $"{GroupPath(resource.Group)}/providers/Microsoft.Network/networkInterfaces/{Escape(resource.Name)}?{NetworkVersion}"
                : $"{ScaleSetPath(resource.Group, machine.ScaleSet)}/virtualMachines/{Escape(machine.InstanceId)}"
                    + $"/networkInterfaces/{Escape(resource.Name)}?{ScaleSetNetworkVersion}";
        var what = $"a network interface of {Words.Clean(machine.Name)}";
        var found = await arm.GetAsync(path, what, NetworkInterface.Read, cancellationToken);
        if (found is not null)
        {
            cache.Add(id, found);
        }
        return found;
    }

    private string ScaleSetPath(string group, string name) =>
        $"{GroupPath(group)}/providers/Microsoft.Compute/virtualMachineScaleSets/{Escape(name)}";

    private string GroupPath(string group) =>
        $"/subscriptions/{Escape(config.SubscriptionId)}/resourceGroups/{Escape(group)}";

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
