import"./chunk-IHME2YSF.js";
