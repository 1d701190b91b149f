import"./chunk-CMKGET72.js";import"./chunk-K3UBOZGH.js";import"./chunk-LGPS5TYQ.js";import"./chunk-FZBWN576.js";import"./chunk-RURYKICP.js";
