// The storage account: the data, the configuration, the package, and the locks of the Functions host.

@description('Its name.')
param name string

@description('The region.')
param location string

@description('Its tags.')
param tags object

@description('The SKU.')
param redundancy string

@description('The container of the configuration.')
param configContainer string

@description('The container of the package.')
param deploymentContainer string

@description('For how many days deleted blobs and containers can be brought back.')
param softDeleteDays int

@description('After how many days exports are deleted; 0 keeps them.')
param exportsRetentionDays int

@description('Whether only private endpoints and the allowed addresses reach it.')
param isPrivate bool

@description('Public addresses that reach it when it is private.')
param allowedIpAddresses string[]

// What the code writes. It makes what is missing; made here, it is there for roles, rules and tools from the start.
var dataContainers = [
  'blocks'
  'deletes'
  'exports'
  'leases'
  'log'
  'store'
]
var dataTables = [
  'costs'
  'cursors'
  'exports'
  'manifest'
  'rules'
  'sources'
]

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    // Sealing of append blobs, which fences writers, is not in accounts with a hierarchical namespace.
    isHnsEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate && empty(allowedIpAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      ipRules: [
        for address in allowedIpAddresses: {
          value: address
          action: 'Allow'
        }
      ]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [
  for container in concat(dataContainers, [configContainer, deploymentContainer]): {
    parent: blobs
    name: container
    properties: {
      publicAccess: 'None'
    }
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = [
  for table in dataTables: {
    parent: tableService
    name: table
  }
]

// Always there: a policy that is not deployed again would stay in force.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'delete-old-exports'
          enabled: exportsRetentionDays > 0
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
                'appendBlob'
              ]
              prefixMatch: [
                'exports/'
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: max(exportsRetentionDays, 1)
                }
              }
            }
          }
        }
      ]
    }
  }
  // A policy is checked against the service, which has to be there.
  dependsOn: [
    blobs
  ]
}

@description('The account.')
output id string = account.id

@description('Its name.')
output name string = account.name

@description('The address of the container of the package.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${deploymentContainer}'
