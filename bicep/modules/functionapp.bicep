// The plan and the function app: Flex Consumption, a custom handler, no keys.

@description('The name of the app.')
param name string

@description('The name of the plan.')
param planName string

@description('The region.')
param location string

@description('Tags.')
param tags object

@description('The identity of the app.')
param identityId string

@description('The same, as requests for tokens name it.')
param identityClientId string

@description('The storage account of the host and of the data.')
param storageAccountName string

@description('Where the package is.')
param deploymentContainerUrl string

@description('Where telemetry goes.')
param insightsConnectionString string

@description('Memory of an instance.')
param instanceMemoryMB int

@description('The most instances at one time.')
param maximumInstanceCount int

@description('Instances of Collect that are always there.')
param alwaysReadyCollect int

@description('Instances for HTTP that are always there.')
param alwaysReadyHttp int

@description('The subnet that the app calls from; empty for none.')
param subnetId string

@description('When sources are collected.')
param collectSchedule string

@description('When rules are evaluated.')
param evaluateSchedule string

@description('Whether Collect evaluates rules.')
param evaluateWithCollect bool

@description('When blocks are made.')
param compactSchedule string

@description('When it is looked for exports that are due.')
param exportSchedule string

@description('Where the configuration is.')
param configBlob string

@description('The Key Vault of secretSettings; empty without.')
param keyVaultName string

@description('App settings from the Key Vault: name to secret.')
param secretSettings object

@description('Further app settings.')
param settings object

var secrets = toObject(
  items(secretSettings),
  setting => setting.key,
  setting => '@Microsoft.KeyVault(VaultName=${keyVaultName};SecretName=${setting.value})'
)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        // The panels of a dashboard on one instance: one second is billed, and one process has read the log.
        triggers: {
          http: {
            perInstanceConcurrency: 16
          }
        }
        alwaysReady: concat(
          alwaysReadyCollect == 0 ? [] : [{ name: 'function:Collect', instanceCount: alwaysReadyCollect }],
          alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }]
        )
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
      'AzureWebJobs.Evaluate.Disabled': string(evaluateWithCollect)
      AzureWebJobsDisableHomepage: 'true'
      AzureWebJobsStorage__accountName: storageAccountName
      AzureWebJobsStorage__clientId: identityClientId
      AzureWebJobsStorage__credential: 'managedidentity'
      TRIBUTARY_COLLECT_SCHEDULE: collectSchedule
      TRIBUTARY_COMPACT_SCHEDULE: compactSchedule
      TRIBUTARY_CONFIG: configBlob
      TRIBUTARY_EVALUATE_SCHEDULE: evaluateSchedule
      TRIBUTARY_EXPORT_SCHEDULE: exportSchedule
      TRIBUTARY_WITH_COLLECT: evaluateWithCollect ? 'Evaluate' : ''
      TRIBUTARY_WEB_EXTERNAL_URL: 'https://${app.properties.defaultHostName}/'
    },
    settings,
    secrets
  )
}

// Publishing by a user name and a password: nothing here needs it.
resource publishingByFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource publishingByScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('The name of the app.')
output name string = app.name

@description('Where it answers.')
output url string = 'https://${app.properties.defaultHostName}'
